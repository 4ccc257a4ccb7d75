import type { Driver, Listeners, Target } from './driver.ts';
import { connectSdk1 } from './sdk1-driver.ts';
import { connectSdk2 } from './sdk2-driver.ts';
import { connectStrom } from './strom-driver.ts';

export type Connect = (target: Target, listeners?: Listeners) => Promise<Driver>;

/** Every client, by the name the documentation uses. */
export const CLIENTS = {
  'official 1.x client': connectSdk1,
  'official 2.x client, legacy mode': (...args) => connectSdk2('legacy', ...args),
  'official 2.x client, modern mode': (...args) => connectSdk2('auto', ...args),
  'Strom client': connectStrom,
} as const satisfies Readonly<Record<string, Connect>>;

export type ClientName = keyof typeof CLIENTS;
