import { REVISION_DATES } from '../../protocol/revisions/catalog.ts';
import { usageError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import type { RequestFlags } from '../connection-flags.ts';
import { table } from '../output/table.ts';
import type { ClientRow } from '../report/client-row.ts';
import { clientsOfLog } from '../report/log-clients.ts';
import { clientsOfMetrics } from '../report/metrics-clients.ts';
import { isWebUrl } from '../target/resolve-target.ts';

export interface ReportFlags extends RequestFlags {
  /** The server to ask. */
  readonly metrics?: string;
  /** The access log to read; `-` for standard input. */
  readonly log?: string;
}

export interface ReportWords {
  /** The same as `flags.metrics`. */
  readonly url: string | undefined;
  readonly flags: ReportFlags;
}

const METRICS_PATH = '/metrics';
const LEGACY = 'http-sse';
const HEAD = ['transport', 'revision', 'client', 'requests'];
const LOG_HEAD = ['transport', 'revision', 'client', 'versions', 'requests', 'last'];
const MAX_COLUMNS = 60;

/** `strom report migration`: which clients still use HTTP+SSE or an old revision, and how much. */
export async function runMigrationReport(
  run: CommandRun,
  { url, flags }: ReportWords,
): Promise<void> {
  const { log, metrics = url, json } = flags;
  if ((log === undefined) === (metrics === undefined)) {
    throw usageError('a report is made of either the metrics of a server or a log', HINT);
  }
  const all = log === undefined ? await counted(run, metrics ?? '', flags) : await logged(run, log);
  const rows = all.filter(isOld).sort((one, other) => other.requests - one.requests);
  if (json === true) return run.out.json(rows, 'pretty');
  if (rows.length === 0) {
    const since = log === undefined ? 'since the server started' : 'in this log';
    return run.out.text(`No old client has called ${since}.`);
  }
  const lines = log === undefined ? [HEAD, ...rows.map(cells)] : [LOG_HEAD, ...rows.map(logCells)];
  return run.out.text(table(lines, MAX_COLUMNS));
}

const HINT = 'strom report migration --metrics https://mcp.example.com, or --log access.log';

function counted(run: CommandRun, url: string, flags: RequestFlags): Promise<ClientRow[]> {
  if (!isWebUrl(url)) throw usageError(`"${url}" is no http or https URL`, HINT);
  const target = new URL(METRICS_PATH, url);
  run.label = target.href;
  return clientsOfMetrics(run, target, flags);
}

function logged(run: CommandRun, file: string): Promise<ClientRow[]> {
  run.label = file;
  return clientsOfLog(file, run.host.stdin);
}

/** Old is what a session is opened for, and whatever comes over the transport of the first revision. */
function isOld({ transport, revision }: ClientRow): boolean {
  if (transport === LEGACY) return true;
  return revision !== REVISION_DATES[0] && REVISION_DATES.includes(revision);
}

function cells({ transport, revision, client, requests }: ClientRow): string[] {
  return [transport, revision, client, String(requests)];
}

function logCells({ transport, revision, client, versions, requests, last }: ClientRow): string[] {
  const day = last?.slice(0, 10) ?? '-';
  return [transport, revision, client, versions?.join(', ') || '-', String(requests), day];
}
