import { REVISION_DATES } from '../../protocol/revisions/catalog.ts';
import { chooseFetch } from '../choose-fetch.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import type { RequestFlags } from '../connection-flags.ts';
import { table } from '../output/table.ts';
import { readHeaders } from '../target/read-headers.ts';
import { isWebUrl } from '../target/resolve-target.ts';

export interface ReportWords {
  readonly url: string;
  readonly flags: RequestFlags;
}

/** Requests of one kind of client since the server started. */
interface ClientRow {
  readonly transport: string;
  readonly revision: string;
  readonly client: string;
  readonly requests: number;
}

const METRICS_PATH = '/metrics';
const SAMPLE = /^strom_client_requests_total\{(.*)\} (\d+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const LEGACY = 'http-sse';
const HEAD = ['transport', 'revision', 'client', 'requests'];
const MAX_COLUMNS = 60;

/** `strom report migration`: which clients still use HTTP+SSE or an old revision, and how much. */
export async function runMigrationReport(
  run: CommandRun,
  { url, flags }: ReportWords,
): Promise<void> {
  if (!isWebUrl(url)) throw usageError(`"${url}" is no http or https URL`);
  const target = new URL(METRICS_PATH, url);
  run.label = target.href;
  const rows = parseClients(await scrape(run, target, flags)).filter(isOld);
  if (flags.json === true) return run.out.json(rows, 'pretty');
  if (rows.length === 0) return run.out.text('No old client has called since the server started.');
  return run.out.text(table([HEAD, ...rows.map(cells)], MAX_COLUMNS));
}

async function scrape(run: CommandRun, target: URL, flags: RequestFlags): Promise<string> {
  const { env } = run.host;
  const fetch =
    (await chooseFetch({ url: target, env, timeoutMs: flags.timeout })) ?? globalThis.fetch;
  const headers = await readHeaders(flags.header ?? [], env);
  let answer: Response;
  try {
    answer = await fetch(target, { headers, signal: run.interrupt.signal, redirect: 'error' });
  } catch (cause) {
    throw new CliError('unreachable', `${target.origin} does not answer`, { cause });
  }
  if (answer.ok) return answer.text();
  await answer.body?.cancel();
  throw statusError(target, answer.status);
}

function statusError({ href }: URL, status: number): CliError {
  const message = `${href} answered HTTP ${status}`;
  if (status === 401 || status === 403) {
    const hint = 'Send a credential that has the scope metrics, with -H.';
    return new CliError('auth_required', message, { status, hint });
  }
  const hint = status === 404 ? 'The server has to run with metrics: true.' : undefined;
  return new CliError('server_error', message, { status, hint });
}

/** The clients a page of metrics tells of; whatever else it holds is passed over. */
function parseClients(page: string): ClientRow[] {
  const rows: ClientRow[] = [];
  for (const line of page.split('\n')) {
    const [, labels, value] = SAMPLE.exec(line) ?? [];
    if (labels === undefined) continue;
    const found = new Map<string, string>();
    for (const [, name = '', text = ''] of labels.matchAll(LABEL)) found.set(name, unescaped(text));
    rows.push({
      transport: found.get('transport') ?? '',
      revision: found.get('mcp_protocol_version') ?? '',
      client: found.get('client_name') ?? '',
      requests: Number(value),
    });
  }
  return rows.sort((one, other) => other.requests - one.requests);
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

/** Old is what a session is opened for, and whatever comes over the transport of the first revision. */
function isOld({ transport, revision }: ClientRow): boolean {
  if (transport === LEGACY) return true;
  return revision !== REVISION_DATES[0] && REVISION_DATES.includes(revision);
}

function cells({ transport, revision, client, requests }: ClientRow): string[] {
  return [transport, revision, client, String(requests)];
}
