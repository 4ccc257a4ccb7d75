import type { LogLevel } from '../base/log-level.ts';
import type { Principal } from '../base/principal.ts';
import type { Call } from '../calls/call.ts';
import type { ClientFacts, TraceContext } from '../protocol/operation.ts';
import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  Root,
} from '../protocol/spec/2026-07-28.ts';
import type { AnySchema, OutputOf } from '../schema/standard-schema.ts';
import { type Answer, type Asked, question, type UrlAnswer } from './asked.ts';
import type { Interview } from './interview.ts';

/** The answers to several questions, under the keys they were asked by. */
export type AnswersOf<Questions extends Record<string, Asked<unknown>>> = {
  [Key in keyof Questions]: Questions[Key] extends Asked<infer Result> ? Result : never;
};

export interface AskOptions {
  /**
   * The name under which the answer travels. Default: the place of the question in the order of
   * asking. Give one where a handler does not always ask the same questions in the same order.
   */
  key?: string;
}

/** What a context knows of the work behind its call. */
export interface WorkFacts {
  readonly attempt: number;
  detach(): Promise<void>;
}

/**
 * What a handler is given beside its arguments: a way to tell its caller how the work goes, and to
 * learn that it should stop.
 *
 * Everything said here reaches the caller while the work goes on, in order, and before the result.
 * After the result, and when nobody asked, it goes nowhere; a handler need not check.
 */
export class Context {
  readonly #call: Call;
  readonly #interview: () => Interview;
  readonly #work: WorkFacts;

  constructor(call: Call, interview: () => Interview, work: WorkFacts) {
    this.#call = call;
    this.#interview = interview;
    this.#work = work;
  }

  /**
   * Reports how far the work is. Values must grow; one that does not is dropped.
   *
   * Never blocks. While the caller reads slower than the handler reports, only the newest report
   * is kept beyond 1 MiB of queue; a handler that awaits the returned promise loses none.
   *
   * @param done - units done so far
   * @param total - units in all, where known
   * @param message - what to show a person, such as `Processing document 3/10`
   * @returns nothing while the caller keeps up, else a promise until it has caught up or is gone; once in
   * 128 times one for a turn of the event loop
   */
  progress(done: number, total?: number, message?: string): Promise<void> | undefined {
    return this.#call.progress(done, total, message);
  }

  /**
   * Hands everything said so far to the connection. Notifications leave at the end of the turn of the
   * event loop by themselves; await this before work that blocks the loop, so that the caller hears of
   * it first.
   */
  flush(): Promise<void> {
    return this.#call.flush();
  }

  /**
   * Sends a log line, if the caller wants lines of this level now.
   *
   * @param data - any JSON value; no secrets, the caller reads it
   * @param logger - the name of the part that speaks
   * @returns as {@link Context.progress}
   * @throws {TypeError} when there is no such level
   */
  log(level: LogLevel, data: unknown, logger?: string): Promise<void> | undefined {
    return this.#call.log({ level, data, logger });
  }

  /** Sends a `debug` line; see {@link Context.log}. */
  debug(data: unknown): Promise<void> | undefined {
    return this.log('debug', data);
  }

  /** Sends an `info` line; see {@link Context.log}. */
  info(data: unknown): Promise<void> | undefined {
    return this.log('info', data);
  }

  /** Sends a `notice` line; see {@link Context.log}. */
  notice(data: unknown): Promise<void> | undefined {
    return this.log('notice', data);
  }

  /** Sends a `warning` line; see {@link Context.log}. */
  warning(data: unknown): Promise<void> | undefined {
    return this.log('warning', data);
  }

  /** Sends an `error` line; see {@link Context.log}. */
  error(data: unknown): Promise<void> | undefined {
    return this.log('error', data);
  }

  /** Sends a `critical` line; see {@link Context.log}. */
  critical(data: unknown): Promise<void> | undefined {
    return this.log('critical', data);
  }

  /** Sends an `alert` line; see {@link Context.log}. */
  alert(data: unknown): Promise<void> | undefined {
    return this.log('alert', data);
  }

  /** Sends an `emergency` line; see {@link Context.log}. */
  emergency(data: unknown): Promise<void> | undefined {
    return this.log('emergency', data);
  }

  /**
   * Asks the person behind the client to fill in a form.
   *
   * Where the revision allows no question during a call, the call ends here and the handler runs
   * again from its beginning when the answer is there: do work with effects in {@link Context.step}.
   *
   * @param message - what to ask, and why
   * @param schema - an object with flat properties; the answer is checked against it
   * @throws {StromError} `ERR_MISSING_CAPABILITY` when the client shows no forms,
   * `ERR_INVALID_PARAMS` when the answer does not fit (a task asks again, and throws when the 16th does
   * not fit either), `ERR_REPLAY_DIVERGED` when the handler asked something else in an earlier round
   * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
   */
  ask<Schema extends AnySchema>(
    message: string,
    schema: Schema,
    options: AskOptions = {},
  ): Promise<Answer<OutputOf<Schema>>> {
    return this.#ask(question.form(message, schema), options.key);
  }

  /** Asks the person to open a page, for secrets and for signing in; see {@link Context.ask}. */
  askUrl(message: string, url: string, options: AskOptions = {}): Promise<UrlAnswer> {
    return this.#ask(question.url(message, url), options.key);
  }

  /**
   * Asks several questions at once; see {@link Context.ask}.
   *
   * @example
   * ```ts
   * const { name, folders } = await ctx.askAll({
   *   name: question.form('Your name?', z.object({ name: z.string() })),
   *   folders: question.roots(),
   * });
   * ```
   */
  async askAll<Questions extends Record<string, Asked<unknown>>>(
    questions: Questions,
  ): Promise<AnswersOf<Questions>> {
    const answers = Object.entries(questions).map(
      async ([key, asked]) => [key, await this.#ask(asked, key)] as const,
    );
    return Object.fromEntries(await Promise.all(answers)) as AnswersOf<Questions>;
  }

  /** Asks the client's model for a completion; see {@link Context.ask}. */
  sample(
    params: CreateMessageRequestParams,
    options: AskOptions = {},
  ): Promise<CreateMessageResult> {
    return this.#ask(question.sample(params), options.key);
  }

  /** Asks which folders the client works in; see {@link Context.ask}. */
  roots(options: AskOptions = {}): Promise<readonly Root[]> {
    return this.#ask(question.roots(), options.key);
  }

  /**
   * Runs `work` once, however often the handler has to run again for its questions; later rounds get
   * the recorded value.
   *
   * In a task the value is on disk before this resolves: after a crash the handler runs again, and
   * steps that were done are not. What was under way when the process ended is done again, so an effect
   * elsewhere should carry the key given to `work`.
   *
   * @param name - names the step within the call
   * @param work - returns a JSON value, which later runs see as it comes back from JSON; gets a key
   * that is the same in every attempt at this step and for no other
   * @throws {StromError} the reason of {@link Context.signal}, once that is aborted: then the step is
   * not begun, or what it returned is not recorded
   */
  step<Value>(
    name: string,
    work: (idempotencyKey: string) => Value | Promise<Value>,
  ): Promise<Value> {
    return this.#interview().step(name, work);
  }

  /**
   * Keeps where the work stands, for {@link Context.resumed} of the next attempt or round; replaces
   * what was kept before.
   *
   * @param value - any JSON value
   * @returns once it is durable, in a task
   */
  checkpoint(value: unknown): Promise<void> {
    return this.#interview().keep(value);
  }

  /** What an earlier attempt or round of this call kept last; `undefined` in the first. */
  get resumed(): unknown {
    return this.#interview().resumed;
  }

  /** How often this work was begun, this time included: more than 1 after a crash. */
  get attempt(): number {
    return this.#work.attempt;
  }

  /**
   * The same in every attempt and round of this call: a key for effects elsewhere that must happen
   * once.
   */
  get idempotencyKey(): string {
    return this.#interview().idempotencyKey;
  }

  /**
   * Goes on as a task from here, where the tool may be one and the caller takes tasks: the caller gets
   * its handle, and neither a lost connection nor the end of the process ends the work. Does nothing
   * elsewhere.
   */
  detach(): Promise<void> {
    return this.#work.detach();
  }

  /**
   * Ends the caller's connection but not the call, where the caller can come back for the rest (the
   * session revisions over Streamable HTTP); does nothing elsewhere. Long calls spare connections
   * this way.
   *
   * @param retryMs - how long the caller should wait before it comes back
   */
  suspendConnection(retryMs: number): void {
    this.#call.suspendConnection(retryMs);
  }

  #ask<Result>(asked: Asked<Result>, key: string | undefined): Promise<Result> {
    return this.#interview().ask(asked, key);
  }

  /**
   * Aborted when the work should stop. `signal.reason.code` says why: `ERR_CANCELLED` by the
   * caller, `ERR_PEER_GONE`, `ERR_DEADLINE` or `ERR_SHUTTING_DOWN`.
   */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** Runs `cleanup` once when the call ends, however it ends. Failures are logged. */
  onCleanup(cleanup: () => unknown): void {
    this.#call.onCleanup(cleanup);
  }

  /** Who calls, as far as the server has verified it. */
  get principal(): Principal {
    return this.#call.request.principal;
  }

  /** What the client says of itself: for display and logs, never for a decision on access. */
  get client(): ClientFacts {
    return this.#call.request.client;
  }

  /** The caller's W3C trace context, to be handed on to other services. */
  get trace(): TraceContext | undefined {
    return this.#call.request.trace;
  }
}
