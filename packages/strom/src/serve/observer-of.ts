import type { Clock } from '../base/clock.ts';
import { type Logger, SILENT_LOGGER } from '../base/logger.ts';
import type { Observer } from '../calls/observer.ts';
import type { KnownNames } from '../observe/asked-for.ts';
import { registeredTracer } from '../observe/call-tracer.ts';
import { ServerObserver } from '../observe/server-observer.ts';
import type { ServerIdentity } from '../protocol/revision.ts';
import type { HttpOptions } from '../transports/http/http-host.ts';

interface Watched extends KnownNames {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly identity: ServerIdentity;
}

/** Who watches a door, if its options or an SDK for traces want anybody to. */
export function observerOf(
  watched: Watched,
  options: Pick<HttpOptions, 'accessLog' | 'auditLog' | 'metrics'>,
): Observer | undefined {
  const { logger, clock, identity } = watched;
  const hasLogger = logger !== SILENT_LOGGER;
  const { accessLog = hasLogger, auditLog = hasLogger, metrics = false } = options;
  const lines = accessLog ? 'all' : auditLog ? 'security' : undefined;
  // Asked once, so that a server without an SDK does nothing for traces on its calls.
  const tracer = registeredTracer(watched);
  if (lines === undefined && metrics === false && tracer === undefined) return undefined;
  return new ServerObserver({
    clock,
    logger,
    lines,
    metrics: metrics !== false,
    tracer,
    names: watched,
    identity,
  });
}
