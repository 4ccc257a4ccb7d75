import type { Clock } from '../base/clock.ts';
import { type Logger, SILENT_LOGGER } from '../base/logger.ts';
import type { Observer } from '../calls/observer.ts';
import { ServerObserver } from '../observe/server-observer.ts';
import type { HttpOptions } from '../transports/http/http-host.ts';

interface Watched {
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Who watches a door, if its options want anybody to. */
export function observerOf(
  { logger, clock }: Watched,
  options: Pick<HttpOptions, 'accessLog' | 'metrics'>,
): Observer | undefined {
  const { accessLog = logger !== SILENT_LOGGER, metrics = false } = options;
  if (!accessLog && !metrics) return undefined;
  return new ServerObserver({ clock, logger: accessLog ? logger : undefined, metrics });
}
