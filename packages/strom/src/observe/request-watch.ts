import type { CallEnd, CallWatch, WatchedRequest } from '../calls/observer.ts';
import type { Tally } from '../calls/tally.ts';
import { metaOf, traceContext } from '../protocol/request-meta.ts';
import type { CallSpan } from './call-tracer.ts';
import { correlationOf } from './correlation.ts';

/** How a request ended, and with which status of HTTP if it had one. */
export interface WatchEnd {
  readonly end: CallEnd;
  readonly status: number | undefined;
}

export interface RequestWatchOptions {
  readonly tally: Tally;
  readonly span: CallSpan | undefined;
  readonly onEnd: (end: WatchEnd, watch: RequestWatch) => void;
}

/** Watches one request from its arrival to its answer. */
export class RequestWatch implements CallWatch {
  readonly tally: Tally;
  readonly #request: WatchedRequest;
  readonly #span: CallSpan | undefined;
  readonly #onEnd: (end: WatchEnd, watch: RequestWatch) => void;
  readonly #startMs = performance.now();
  #correlation: string | undefined;

  constructor(request: WatchedRequest, { tally, span, onEnd }: RequestWatchOptions) {
    this.tally = tally;
    this.#request = request;
    this.#span = span;
    this.#onEnd = onEnd;
  }

  /** Since the request arrived. */
  get durationMs(): number {
    return performance.now() - this.#startMs;
  }

  get correlation(): string {
    this.#correlation ??= this.#span?.traceId ?? this.#said();
    return this.#correlation;
  }

  within<Result>(work: () => Result): Result {
    return this.#span === undefined ? work() : this.#span.within(work);
  }

  ended(end: CallEnd, status?: number): void {
    this.#span?.end(end);
    this.#onEnd({ end, status }, this);
  }

  #said(): string {
    const { params, header } = this.#request;
    return correlationOf(traceContext(metaOf(params)), header);
  }
}
