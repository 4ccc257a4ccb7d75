import { OTHER } from '../../base/name-census.ts';
import type { Observe, Observer, WireName } from '../../calls/observer.ts';
import { revisionOf } from '../../protocol/revisions/catalog.ts';
import type { HttpExchange, Report, Reported } from './exchange.ts';

/** Watches calls by the way they come. */
export interface HttpObserve {
  readonly streamable: Observe;
  readonly legacy: Observe;
  readonly plain: Observe;
}

export function observeHttp(observer: Observer): HttpObserve {
  return {
    streamable: observer.over('streamable-http'),
    legacy: observer.over('http-sse'),
    plain: observer.over('plain-http'),
  };
}

/** Reports what becomes of one request, should it be no call. */
export function reportTo(observer: Observer, exchange: HttpExchange): Report {
  const startMs = performance.now();
  let known: string | undefined;
  const correlation = (): string => {
    known ??= observer.correlationOf((name) => exchange.header(name));
    return known;
  };
  const report = (status: number, about: Reported = {}): void => {
    observer.served({
      revision: revisionOf(exchange.header('mcp-protocol-version') ?? '')?.date,
      ...about,
      wire: wireOf(exchange.path),
      what: about.what ?? methodOf(exchange),
      status,
      principal: exchange.principal,
      durationMs: performance.now() - startMs,
      correlation: correlation(),
    });
  };
  return Object.assign(report, { correlation });
}

/** Those of HTTP; in HTTP/2 a client may make up others, and what it makes up is not written down. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);

function methodOf({ method }: HttpExchange): string {
  return METHODS.has(method) ? method : OTHER;
}

function wireOf(path: string): WireName {
  if (path === '/sse' || path === '/messages') return 'http-sse';
  return path.startsWith('/stream/') ? 'plain-http' : 'streamable-http';
}
