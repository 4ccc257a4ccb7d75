import { AnswerCheck, type Expected } from './answer-check.ts';
import type { Line } from './line.ts';
import type { HttpRequest } from './requests.ts';
import type { ResponseSink } from './response-reader.ts';

/** Calls over and over on one line, the next call when the last is answered and checked. */
export class Caller implements ResponseSink {
  readonly #line: Line;
  readonly #request: HttpRequest;
  readonly #check: AnswerCheck;
  #answers = 0;
  #status = 0;
  #fault: string | undefined;
  #isStopping = false;
  #onStopped: (() => void) | undefined;

  constructor(line: Line, request: HttpRequest, expected: Expected) {
    this.#line = line;
    this.#request = request;
    this.#check = new AnswerCheck(expected);
    line.sink = this;
  }

  /** Right answers so far. */
  get answers(): number {
    return this.#answers;
  }

  /** What was wrong with the first wrong answer, after which the caller is silent. */
  get fault(): string | undefined {
    return this.#fault;
  }

  start(): void {
    this.#isStopping = false;
    this.#line.send(this.#request);
  }

  /** Resolves when the call under way is answered; none is begun until the next start. */
  stop(): Promise<void> {
    if (this.#fault !== undefined) return Promise.resolve();
    this.#isStopping = true;
    return new Promise((resolve) => {
      this.#onStopped = resolve;
    });
  }

  head(status: number): void {
    this.#status = status;
  }

  body(bytes: Buffer, start: number, end: number): void {
    this.#check.body(bytes, start, end);
  }

  complete(): void {
    this.#fault = this.#check.complete();
    if (this.#status !== 200) this.#fault = `status ${this.#status}: ${this.#fault}`;
    if (this.#fault === undefined) this.#answers += 1;
    if (this.#isStopping || this.#fault !== undefined) this.#onStopped?.();
    else this.#line.send(this.#request);
  }
}
