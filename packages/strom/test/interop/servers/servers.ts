import { startEverything } from './everything-server.ts';
import { startSdk2 } from './sdk2-server.ts';
import type { RunningServer } from './server.ts';
import { startStrom } from './strom-server.ts';

/** Every server, by the name the documentation uses. */
export const SERVERS = {
  'Strom server': startStrom,
  'official 2.x server': startSdk2,
  'server-everything (1.x)': startEverything,
} as const satisfies Readonly<Record<string, () => Promise<RunningServer>>>;

export type ServerName = keyof typeof SERVERS;
