import type { Clock } from '../base/clock.ts';
import { type Logger, SILENT_LOGGER } from '../base/logger.ts';
import type { Observer } from '../calls/observer.ts';
import { registeredTracer } from '../observe/call-tracer.ts';
import { ServerObserver } from '../observe/server-observer.ts';
import type { KnownNames } from '../observe/target.ts';
import type { HttpOptions } from '../transports/http/http-host.ts';

interface Watched extends KnownNames {
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Who watches a door, if its options or an SDK for traces want anybody to. */
export function observerOf(
  watched: Watched,
  options: Pick<HttpOptions, 'accessLog' | 'metrics'>,
): Observer | undefined {
  const { logger, clock } = watched;
  const { accessLog = logger !== SILENT_LOGGER, metrics = false } = options;
  // Asked once, so that a server without an SDK does nothing for traces on its calls.
  const tracer = registeredTracer(watched);
  if (!accessLog && metrics === false && tracer === undefined) return undefined;
  const log = accessLog ? logger : undefined;
  return new ServerObserver({
    clock,
    logger: log,
    metrics: metrics !== false,
    tracer,
    names: watched,
  });
}
