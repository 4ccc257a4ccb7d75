import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { OTHER } from '../base/name-census.ts';
import type {
  CallWatch,
  HeaderReader,
  MetricsPage,
  MetricsSnapshot,
  Observe,
  Observer,
  OpenThings,
  ServedRequest,
  WatchedRequest,
  WireName,
} from '../calls/observer.ts';
import { Tally } from '../calls/tally.ts';
import type { ServerIdentity } from '../protocol/revision.ts';
import { isMethod } from '../protocol/revisions/catalog.ts';
import { AccessLog, type Lines } from './access-log.ts';
import type { KnownNames } from './asked-for.ts';
import type { CallTracer } from './call-tracer.ts';
import { correlationOf } from './correlation.ts';
import { errorTypeOf } from './error-type.ts';
import { type Metric, metricsSnapshot } from './metrics-snapshot.ts';
import type { ProcessFigures } from './node-process-figures.ts';
import { RequestWatch } from './request-watch.ts';
import { ServerCounts } from './server-counts.ts';

export interface ObserverOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Which requests the logger gets a line about; `undefined` for none. */
  readonly lines: Lines | undefined;
  readonly metrics: boolean;
  /** Makes a span of every call; `undefined` where nobody collects them. */
  readonly tracer: CallTracer | undefined;
  readonly names: KnownNames;
  /** What the server is called, and its version. */
  readonly identity: ServerIdentity;
}

/** Writes the access log, counts, and makes spans; each may be off. */
export class ServerObserver implements Observer {
  readonly queue = { bytes: 0 };
  readonly #log: AccessLog | undefined;
  readonly #counts: ServerCounts | undefined;
  readonly #tracer: CallTracer | undefined;
  readonly #identity: ServerIdentity;
  #process: Promise<ProcessFigures | undefined> | undefined;
  #build: Promise<Metric | undefined> | undefined;

  constructor({ clock, logger, lines, metrics, tracer, names, identity }: ObserverOptions) {
    this.#identity = identity;
    this.#tracer = tracer;
    this.#log = lines && new AccessLog({ logger, clock, names, lines });
    this.#counts = metrics ? new ServerCounts(names, clock) : undefined;
  }

  over(wire: WireName): Observe {
    const refused: Observe['refused'] = (error, principal, message = {}) => {
      const { method, ...known } = message;
      const what = method !== undefined && isMethod(method) ? method : OTHER;
      const correlation = correlationOf(undefined, undefined);
      this.served({ ...known, wire, what, principal, durationMs: 0, correlation, error });
    };
    return Object.assign((request: WatchedRequest) => this.#begin(wire, request), { refused });
  }

  correlationOf(header: HeaderReader): string {
    return correlationOf(undefined, header);
  }

  served(request: ServedRequest): void {
    if (request.error !== undefined) this.#counts?.refused(request.error.code);
    this.#log?.served(request);
  }

  async metricsSnapshot(open: OpenThings): Promise<MetricsSnapshot> {
    if (this.#counts === undefined) throw new TypeError('nothing is counted');
    // Loaded on demand, as below; the event loop is watched from the first scrape on.
    // Hosts other than Node may not know such figures; the others must not be lost with them.
    this.#process ??= import('./node-process-figures.ts')
      .then((figures) => new figures.ProcessFigures())
      .catch(() => undefined);
    this.#build ??= import('./node-build-info.ts')
      .then(({ buildInfo }) => buildInfo(this.#identity))
      .catch(() => undefined);
    const build = await this.#build;
    const figures = (await this.#process)?.snapshot() ?? [];
    const counted = metricsSnapshot(this.#counts, this.queue.bytes, open);
    return [...counted, ...(build === undefined ? [] : [build]), ...figures];
  }

  close(): void {
    void this.#process?.then((figures) => figures?.stop());
  }

  async metricsPage(snapshots: readonly MetricsSnapshot[]): Promise<MetricsPage> {
    // Loaded on demand: where nobody scrapes it is not needed.
    const { metricsPage } = await import('./node-metrics-page.ts');
    return metricsPage(snapshots);
  }

  #begin(wire: WireName, request: WatchedRequest): CallWatch {
    this.#counts?.begun(wire, request);
    return new RequestWatch(request, {
      tally: new Tally(this.#counts?.total),
      span: this.#tracer?.start(wire, request),
      onEnd: ({ end, status }, watch) => {
        const { tally, durationMs } = watch;
        this.#counts?.ended(wire, request, errorTypeOf(end)).observe(durationMs / 1000);
        if (this.#log === undefined) return;
        const { correlation } = watch;
        this.#log.call({ wire, request, end, status, tally, durationMs, correlation });
      },
    });
  }
}
