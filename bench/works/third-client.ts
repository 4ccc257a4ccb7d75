/**
 * What a plain call takes while one client reads a flood of notifications as fast as it can and
 * another has asked for one and reads nothing. The floods have a process of their own, so that the
 * caller waits for the server and not for itself.
 *
 * @module
 */
import { addressOf, STROM, startContender } from '../lab/contenders.ts';
import { interleave } from '../lab/interleave.ts';
import type { Lab } from '../lab/lab.ts';
import { Load } from '../lab/load.ts';
import type { Row } from '../lab/row.ts';
import { median, ratioOfRounds, significant } from '../lab/statistics.ts';
import { ECHO } from './calls.ts';

const CALLS = 500;
/** More than any round can read. */
const ENDLESS = 1_000_000_000;

interface Medians {
  readonly idle: number;
  readonly busy: number;
}

export async function benchThirdClient(lab: Lab): Promise<Row[]> {
  const rounds = { count: lab.effort.rounds, hasWarmUp: false };
  const samples = (await interleave(['strom'], rounds, () => measureOnce(lab))).get('strom') ?? [];
  const busy = samples.map((sample) => sample.busy);
  const idle = samples.map((sample) => sample.idle);
  return [
    {
      work: 'third-client',
      against: 'self',
      ...ratioOfRounds(busy, idle),
      unit: 'us',
      strom: significant(median(busy)),
      other: significant(median(idle)),
    },
  ];
}

/** With a fresh server, which need not recover from the floods before. */
async function measureOnce(lab: Lab): Promise<Medians> {
  await using server = await startContender(STROM);
  await using others = await Load.start();
  const address = addressOf(STROM, server);
  const job = { ...ECHO, ...address, count: CALLS };
  await lab.load.run('callTimes', job);
  const idle = median(await lab.load.run('callTimes', job));
  await others.run('floods', { ...address, total: ENDLESS });
  const busy = median(await lab.load.run('callTimes', job));
  return { idle, busy };
}
