/**
 * A handler's questions and steps over all rounds of its call.
 *
 * Where the caller can be asked while the call runs, a question is sent and awaited. Where it
 * cannot, the call ends with the questions; the caller asks again with the answers, the handler runs
 * anew, and everything answered or done before is replayed from the sealed state.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 * @module
 */
import { afterMicrotasks } from '../base/after-microtasks.ts';
import { type JsonObject, ownValue, toJson } from '../base/json.ts';
import { publicError, StromError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import { checkAnswer, type Question, requireCapability } from '../protocol/question.ts';
import { newTaskId } from '../tasks/task-id.ts';
import type { Asked } from './asked.ts';
import { type CallMemory, CHECKPOINT_NAME, misfitName, stepName } from './call-memory.ts';
import { emptyRound, questionDigest, type RoundKeeper, type RoundState } from './round-state.ts';

/** A client that cannot answer is not asked for ever; each of its answers is kept. */
const MAX_ATTEMPTS_TO_ANSWER = 16;

interface Pending {
  readonly question: Question;
  reject(error: StromError): void;
}

export class Interview {
  readonly #call: Call;
  readonly #keeper: RoundKeeper;
  readonly #past: RoundState;
  readonly #now: RoundState;
  #asked = 0;
  readonly #pending = new Map<string, Pending>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(call: Call, keeper: RoundKeeper, past: RoundState = emptyRound()) {
    this.#call = call;
    this.#keeper = keeper;
    this.#past = past;
    this.#now = { ...past, asked: [] };
  }

  /** What the handler has done so far; grows while it goes on. */
  get memory(): CallMemory {
    return this.#now;
  }

  /** The answers it has got so far. */
  get answers(): Readonly<Record<string, JsonObject>> {
    return this.#now.answers;
  }

  /** What an earlier attempt or round has kept. */
  get resumed(): unknown {
    return this.#past.checkpoint;
  }

  /** The same in every round and attempt of this call, and for no other. */
  get idempotencyKey(): string {
    this.#now.idempotencyKey ??= newTaskId();
    return this.#now.idempotencyKey;
  }

  /** Keeps a value for the next round, and beyond a crash where calls outlive one. */
  async keep(value: unknown): Promise<void> {
    this.#throwIfStopped();
    const text = toJson(value);
    this.#now.checkpoint = JSON.parse(text);
    await this.#call.remember(CHECKPOINT_NAME, text);
  }

  /**
   * Asks one question, or replays its answer.
   *
   * @param givenKey - names the answer; by default the place of the question in the order of asking
   * @throws {StromError} `ERR_MISSING_CAPABILITY`, `ERR_INVALID_PARAMS`, `ERR_REPLAY_DIVERGED`
   */
  async ask<Result>(asked: Asked<Result>, givenKey?: string): Promise<Result> {
    const { question } = asked;
    requireCapability(question, this.#call.request.client.capabilities);
    this.#asked += 1;
    const key = givenKey ?? `question-${this.#asked}`;
    if (this.#call.asksLive) return this.#askLive(asked, key);
    this.#record(key, question);
    const answer = this.#answerTo(key);
    if (answer === undefined) return this.#wait(key, question);
    const checked = checkAnswer(question, answer);
    this.#now.answers[key] = checked;
    return asked.read(checked);
  }

  /**
   * Where an answer is kept, one that does not fit would fail the call for good: it asks anew. That it
   * does not fit is kept as well: a schema that goes by the time would judge otherwise in the next
   * attempt, or say so in other words, and the question that is open would be none of the handler's.
   */
  async #askLive<Result>(asked: Asked<Result>, key: string): Promise<Result> {
    let { question } = asked;
    for (let attempt = 1; ; attempt += 1) {
      const attemptKey = attempt === 1 ? key : `${key}#${attempt}`;
      const answer = checkAnswer(question, await this.#call.ask(question, attemptKey));
      let why = ownValue(this.#past.misfits ?? {}, attemptKey) as string | undefined;
      try {
        if (why === undefined) return await asked.read(answer);
      } catch (error) {
        const isLast = !this.#call.keepsAnswers || attempt === MAX_ATTEMPTS_TO_ANSWER;
        if (isLast || !isMisfit(error)) throw error;
        why = error.publicMessage;
        await this.#call.remember(misfitName(attemptKey), toJson(why));
      }
      question = askedAnew(asked.question, why);
    }
  }

  /**
   * Runs `work` once over all rounds; later rounds get its recorded value.
   *
   * @throws {StromError} why the call was stopped, if it was
   */
  async step<Value>(
    name: string,
    work: (idempotencyKey: string) => Value | Promise<Value>,
  ): Promise<Value> {
    if (Object.hasOwn(this.#past.steps, name)) return this.#past.steps[name] as Value;
    this.#throwIfStopped();
    const running = Promise.resolve(`${this.idempotencyKey}:${name}`).then(work);
    this.#running.add(running);
    try {
      const value = await running;
      // Nothing is recorded any more: to go on as if it were would do the work of another attempt.
      this.#throwIfStopped();
      const text = toJson(value ?? null);
      this.#now.steps[name] = JSON.parse(text);
      await this.#call.remember(stepName(name), text);
      return value;
    } finally {
      this.#running.delete(running);
    }
  }

  #throwIfStopped(): void {
    if (this.#call.stopReason !== undefined) throw this.#call.stopReason;
  }

  /** A handler must ask in every round what it asked before, or answers would go astray. */
  #record(key: string, question: Question): void {
    const place = this.#now.asked.length;
    if (this.#now.asked.some((asked) => asked.key === key)) {
      throw new TypeError(`the question "${key}" is asked twice in one call`);
    }
    const digest = questionDigest(question);
    this.#now.asked.push({ key, digest });
    const before = this.#past.asked[place];
    if (before === undefined || (before.key === key && before.digest === digest)) return;
    const what = before.key === key ? `"${key}" in other words` : `"${key}"`;
    throw publicError(
      'ERR_REPLAY_DIVERGED',
      `The handler asked ${what} where it asked "${before.key}" in an earlier round`,
    );
  }

  #answerTo(key: string): unknown {
    const fresh = ownValue(this.#call.request.inputResponses ?? {}, key);
    return fresh ?? ownValue(this.#past.answers, key);
  }

  #wait(key: string, question: Question): Promise<never> {
    const answered = new Promise<never>((_, reject) => {
      this.#pending.set(key, { question, reject });
    });
    // A handler that has not come to await this yet must not crash the process.
    answered.catch(() => undefined);
    if (this.#pending.size === 1) afterMicrotasks(() => void this.#suspend());
    return answered;
  }

  /** Ends the round with every question asked so far. Never rejects. */
  async #suspend(): Promise<void> {
    try {
      // A step that runs beside the question would otherwise run again in the next round.
      await Promise.allSettled(this.#running);
      const requestState = await this.#keeper.seal(this.#call.request, this.#now);
      const asked = [...this.#pending].map(([key, { question }]) => [key, question] as const);
      this.#call.finish({
        kind: 'input_required',
        questions: Object.fromEntries(asked),
        requestState,
      });
    } catch (error) {
      const failure = error instanceof StromError ? error : publicError('ERR_INTERNAL', 'No state');
      this.#call.finish({ kind: 'error', error: failure });
    }
    const reason = new StromError('ERR_INPUT_REQUIRED', 'the call goes on in another round');
    for (const { reject } of this.#pending.values()) reject(reason);
  }
}

function isMisfit(error: unknown): error is StromError {
  return error instanceof StromError && error.code === 'ERR_INVALID_PARAMS';
}

/** The same question, which says what was wrong with the last answer. */
function askedAnew(question: Question, why = ''): Question {
  if (question.kind !== 'form') return question;
  return { ...question, message: `${question.message} (${why})` };
}
