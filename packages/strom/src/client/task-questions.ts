/**
 * The questions of one task: put to the handlers of the program, each key once, and answered with
 * `tasks/update`.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { answerInputs, type KeyedQuestion } from './input-required.ts';
import { orAborted, pause } from './pause.ts';
import { natureOf, updateTask } from './task-calls.ts';
import type { TaskSnapshot } from './task-snapshot.ts';

/** Most keys that one task may use up. */
const MAX_KEYS = 1_000;

export interface QuestionedTask {
  readonly id: string;
  /** Keys whose answer has reached the server; more are added here. */
  readonly answered: Set<string>;
}

/** Questions that came together are answered together. */
interface Batch {
  readonly questions: readonly KeyedQuestion[];
  readonly withdrawn: AbortController;
}

export class TaskQuestions {
  readonly #connection: Connection;
  readonly #task: QuestionedTask;
  readonly #onFailure: (error: unknown) => void;
  readonly #open = new Set<Batch>();
  /** Keys that were asked, those included that the server has withdrawn. */
  #asked: number;

  /** @param onFailure - called when a question cannot be answered, which ends the following */
  constructor(connection: Connection, task: QuestionedTask, onFailure: (error: unknown) => void) {
    this.#connection = connection;
    this.#task = task;
    this.#onFailure = onFailure;
    this.#asked = task.answered.size;
  }

  /** Takes note of what a task asks now: new questions are asked, those that are gone withdrawn. */
  heed({ questions }: TaskSnapshot, signal: AbortSignal): void {
    for (const batch of this.#open) {
      const isWanted = batch.questions.some(({ key }) => questions.some((one) => one.key === key));
      if (!isWanted) {
        batch.withdrawn.abort(new StromError('ERR_CANCELLED', 'the question is no longer open'));
      }
    }
    const fresh = questions.filter(({ key }) => !this.#isKnown(key));
    if (fresh.length === 0) return;
    this.#asked += fresh.length;
    if (this.#asked > MAX_KEYS) {
      this.#onFailure(new StromError('ERR_ROUND_LIMIT', `more than ${MAX_KEYS} questions`));
      return;
    }
    // Never rejects.
    void this.#answer({ questions: fresh, withdrawn: new AbortController() }, signal);
  }

  #isKnown(key: string): boolean {
    if (this.#task.answered.has(key)) return true;
    return [...this.#open].some(({ questions }) => questions.some((one) => one.key === key));
  }

  async #answer(batch: Batch, followed: AbortSignal): Promise<void> {
    this.#open.add(batch);
    const signal = AbortSignal.any([followed, batch.withdrawn.signal]);
    try {
      const { server } = await orAborted(this.#connection.link(), signal);
      const context = { signal, serverName: server.name };
      const input = { questions: batch.questions, requestState: undefined };
      const answers = await answerInputs(input, this.#connection.desk, context);
      await this.#deliver(answers, signal);
      for (const { key } of batch.questions) this.#task.answered.add(key);
    } catch (error) {
      if (!signal.aborted) this.#onFailure(error);
    } finally {
      this.#open.delete(batch);
    }
  }

  async #deliver(answers: JsonObject, signal: AbortSignal): Promise<void> {
    const inputResponses = ownValue(answers, 'inputResponses');
    if (!isJsonObject(inputResponses)) return;
    const params = { taskId: this.#task.id, inputResponses };
    for (let failures = 0; ; failures += 1) {
      try {
        await updateTask(this.#connection, params, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (natureOf(error) === 'final') throw error;
      }
      await pause(backoffMs(failures), this.#connection.clock, signal);
    }
  }
}
