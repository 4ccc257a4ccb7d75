import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import { usageError } from '../cli-error.ts';
import type { InputStream } from '../target/read-source.ts';
import type { ClientRow } from './client-row.ts';

/** Clients name themselves: whatever more there are is one row. */
const MAX_ROWS = 10_000;
const MAX_VERSIONS = 5;
const UNNAMED = '(unnamed)';
const OTHERS = '(others)';

interface Found {
  readonly row: Omit<ClientRow, 'requests' | 'versions' | 'last'>;
  readonly versions: Set<string>;
  requests: number;
  lastMs: number | undefined;
}

/**
 * The clients that an access log tells of, read line by line. What is no line of a call is passed over:
 * a log has other lines.
 *
 * @param file - `-` for standard input
 * @throws {CliError} `usage` when the file cannot be read
 */
export async function clientsOfLog(file: string, stdin: InputStream): Promise<ClientRow[]> {
  const clients = new Map<string, Found>();
  const input = (file === '-' ? stdin : createReadStream(file)) as Readable;
  try {
    // A stream that fails ends its lines without a word; the iteration over it does not.
    for await (const line of linesOf(input)) count(clients, line);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw usageError(`cannot read ${file}: ${code ?? 'unknown reason'}`);
  }
  return [...clients.values()].map(({ row, requests, versions, lastMs }) => ({
    ...row,
    requests,
    versions: [...versions],
    ...(lastMs !== undefined && { last: new Date(lastMs).toISOString() }),
  }));
}

async function* linesOf(input: Readable): AsyncGenerator<string, void, undefined> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  const iterator = lines[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await Promise.race([iterator.next(), failed]);
    if (done === true) return;
    yield value;
  }
}

function count(clients: Map<string, Found>, line: string): void {
  const record = parseLine(line);
  const transport = textOf(record, 'transport');
  const revision = textOf(record, 'revision');
  if (record === undefined || transport === undefined || revision === undefined) return;
  const found = rowFor(clients, {
    transport,
    revision,
    client: textOf(record, 'client') ?? UNNAMED,
  });
  found.requests += 1;
  const version = textOf(record, 'clientVersion');
  if (version !== undefined && found.versions.size < MAX_VERSIONS) found.versions.add(version);
  const timeMs = timeOf(record);
  if (timeMs !== undefined) found.lastMs = Math.max(found.lastMs ?? timeMs, timeMs);
}

function rowFor(clients: Map<string, Found>, row: Found['row']): Found {
  const key = [row.transport, row.revision, row.client].join('\n');
  let found = clients.get(key);
  if (found === undefined) {
    if (clients.size >= MAX_ROWS && row.client !== OTHERS) {
      return rowFor(clients, { ...row, client: OTHERS });
    }
    found = { row, versions: new Set(), requests: 0, lastMs: undefined };
    clients.set(key, found);
  }
  return found;
}

function parseLine(line: string): JsonObject | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return isJsonObject(record) ? record : undefined;
  } catch {
    // A line of something else.
    return undefined;
  }
}

function textOf(record: JsonObject | undefined, field: string): string | undefined {
  const value = record === undefined ? undefined : ownValue(record, field);
  return typeof value === 'string' ? value : undefined;
}

/** pino writes milliseconds by default, and ISO dates where it is told to. */
function timeOf(record: JsonObject): number | undefined {
  const time = ownValue(record, 'time');
  const timeMs = typeof time === 'string' ? Date.parse(time) : time;
  const isDate =
    typeof timeMs === 'number' && Number.isFinite(timeMs) && Math.abs(timeMs) < 8.64e15;
  return isDate ? timeMs : undefined;
}
