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
export async function interleave<Name extends string, Sample>(
  names: readonly Name[],
  rounds: Rounds,
  measure: (name: Name, isWarmUp: boolean) => Promise<Sample>,
): Promise<Map<Name, Sample[]>> {
  const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]));
  for (let round = rounds.hasWarmUp ? 0 : 1; round <= rounds.count; round += 1) {
    const turn = round % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const sample = await measure(name, round === 0);
      if (round > 0) samples.get(name)?.push(sample);
    }
  }
  return samples;
}
