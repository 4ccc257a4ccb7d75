import { readFileSync } from 'node:fs';
import type { ServerIdentity } from '../protocol/revision.ts';
import type { Metric } from './metrics-snapshot.ts';

/** What a program that was bundled into one file says. */
const UNKNOWN = 'unknown';

function libraryVersion(): string {
  try {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    return String((JSON.parse(text) as { version?: unknown }).version ?? UNKNOWN);
  } catch {
    // The figures are not worth less without it.
    return UNKNOWN;
  }
}

/** What runs here, as labels, so that figures of two versions can be told apart. */
export function buildInfo({ name, version }: ServerIdentity): Metric {
  const labels = {
    version: libraryVersion(),
    service_name: name,
    service_version: version,
    process_runtime_version: process.versions.node,
  };
  return {
    name: 'strom_build_info',
    help: 'What runs here, in the labels; the value is 1.',
    type: 'gauge',
    values: [{ labels, value: 1 }],
    aggregator: 'first',
  };
}
