export interface Rounds {
  /** Rounds that count. */
  readonly count: number;
  /** Whether a round goes before them that does not count. */
  readonly hasWarmUp: boolean;
}

/**
 * Measures everyone once per round, in an order that turns, so that a disturbance of the machine
 * hits all of them alike.
 *
 * @param measure - measures one entrant; `isWarmUp` in the round that does not count
 */
export function interleave<Name extends string, Sample>(
  names: readonly Name[],
  rounds: Rounds,
  measure: (name: Name, isWarmUp: boolean) => Promise<Sample>,
): Promise<Map<Name, Sample[]>> {
  return interleaveRounds(names, rounds, async (order, isWarmUp) => {
    const samples = new Map<Name, Sample>();
    for (const name of order) samples.set(name, await measure(name, isWarmUp));
    return samples;
  });
}

/**
 * The same where a round is more than one measurement after the other.
 *
 * @param measureRound - measures everyone, in the order it is given
 */
export async function interleaveRounds<Name extends string, Sample>(
  names: readonly Name[],
  { count, hasWarmUp }: Rounds,
  measureRound: (order: readonly Name[], isWarmUp: boolean) => Promise<ReadonlyMap<Name, Sample>>,
): Promise<Map<Name, Sample[]>> {
  const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]));
  for (let round = hasWarmUp ? 0 : 1; round <= count; round += 1) {
    const turn = round % names.length;
    const order = [...names.slice(turn), ...names.slice(0, turn)];
    const measured = await measureRound(order, round === 0);
    if (round === 0) continue;
    for (const [name, sample] of measured) samples.get(name)?.push(sample);
  }
  return samples;
}
