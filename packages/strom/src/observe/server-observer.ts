import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type {
  CallEnd,
  CallWatch,
  MetricsPage,
  Observe,
  Observer,
  OpenThings,
  ServedRequest,
  WatchedRequest,
  WireName,
} from '../calls/observer.ts';
import { Tally } from '../calls/tally.ts';
import { AccessLog } from './access-log.ts';
import { errorTypeOf } from './call-end-code.ts';
import { ServerCounts } from './server-counts.ts';

export interface ObserverOptions {
  readonly clock: Clock;
  /** Gets one line for every request; `undefined` for none. */
  readonly logger: Logger | undefined;
  readonly metrics: boolean;
}

/** Writes the access log and counts; either may be off. */
export class ServerObserver implements Observer {
  readonly queue = { chars: 0 };
  readonly #log: AccessLog | undefined;
  readonly #counts: ServerCounts | undefined;

  constructor({ clock, logger, metrics }: ObserverOptions) {
    this.#log = logger && new AccessLog(logger, clock);
    this.#counts = metrics ? new ServerCounts() : undefined;
  }

  over(wire: WireName): Observe {
    return (request) => this.#begin(wire, request);
  }

  served(request: ServedRequest): void {
    if (request.error !== undefined) this.#counts?.refused(request.error.code);
    this.#log?.served(request);
  }

  async metricsPage(open: OpenThings): Promise<MetricsPage> {
    if (this.#counts === undefined) throw new TypeError('nothing is counted');
    // Loaded on demand: where nobody scrapes it is not needed.
    const { metricsPage } = await import('./node-metrics-page.ts');
    return metricsPage(this.#counts, this.queue.chars, open);
  }

  #begin(wire: WireName, request: WatchedRequest): CallWatch {
    const startMs = performance.now();
    const tally = new Tally(this.#counts?.total);
    this.#counts?.begun(wire, request);
    return {
      tally,
      ended: (end: CallEnd) => {
        const durationMs = performance.now() - startMs;
        const series = this.#counts?.ended(wire, request, errorTypeOf(end));
        series?.observe(durationMs / 1000);
        this.#log?.call({ wire, request, end, tally, durationMs });
      },
    };
  }
}
