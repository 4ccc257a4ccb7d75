import { chooseFetch } from '../choose-fetch.ts';
import { CliError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import type { RequestFlags } from '../connection-flags.ts';
import { readHeaders } from '../target/read-headers.ts';
import type { ClientRow } from './client-row.ts';

const SAMPLE = /^strom_client_requests_total\{(.*)\} (\d+)$/;
const LABEL = /\b(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The clients that a running server has counted since it started. */
export async function clientsOfMetrics(
  run: CommandRun,
  target: URL,
  flags: RequestFlags,
): Promise<ClientRow[]> {
  return parseClients(await scrape(run, target, flags));
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
  return rows;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
