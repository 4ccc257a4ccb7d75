import { missingScopes } from '../../base/principal.ts';
import { publicError } from '../../base/strom-error.ts';
import type { MetricsPage } from '../../calls/observer.ts';
import type { HttpExchange } from './exchange.ts';
import { EMPTY_HEADERS } from './headers.ts';
import { checkOnlyReads } from './method-not-allowed.ts';
import type { Readiness } from './readiness.ts';
import { DEFAULT_RETRY_AFTER } from './refuse.ts';

const HEALTH_PATH = '/healthz';
const READY_PATH = '/readyz';
export const METRICS_PATH = '/metrics';
const METRICS_SCOPE = 'metrics';
const NOT_READY = { ...EMPTY_HEADERS, ...DEFAULT_RETRY_AFTER };

/** Whether everybody may ask: whether the process lives, and whether it takes calls. */
export function isProbe(path: string): boolean {
  return path === HEALTH_PATH || path === READY_PATH;
}

/**
 * Answers balancers and supervisors; tells nothing else.
 *
 * @throws {StromError} `ERR_HTTP_METHOD`
 */
export async function serveProbe(readiness: Readiness, exchange: HttpExchange): Promise<void> {
  checkOnlyReads(exchange.method);
  if (exchange.path === HEALTH_PATH) {
    exchange.reply(200, EMPTY_HEADERS, 'ok\n');
    return;
  }
  const obstacle = await readiness.obstacle();
  if (obstacle === undefined) exchange.reply(200, EMPTY_HEADERS, 'ready\n');
  else exchange.reply(503, NOT_READY, `${obstacle}\n`);
}

export interface MetricsRequest {
  /** Whether everybody may call, so that nobody has scopes. */
  readonly isOpen: boolean;
  readonly page: () => Promise<MetricsPage>;
}

/**
 * Answers a scrape.
 *
 * @throws {StromError} `ERR_HTTP_METHOD`; `ERR_INSUFFICIENT_SCOPE` for a caller without the scope
 * `metrics`
 */
export async function serveMetrics(exchange: HttpExchange, request: MetricsRequest): Promise<void> {
  checkOnlyReads(exchange.method);
  const required = request.isOpen ? [] : [METRICS_SCOPE];
  if (missingScopes(exchange.principal, required).length > 0) {
    throw publicError('ERR_INSUFFICIENT_SCOPE', 'Metrics need the scope metrics', {
      requiredScopes: required,
    });
  }
  const { contentType, text } = await request.page();
  exchange.reply(200, { ...EMPTY_HEADERS, 'content-type': contentType }, text);
}
