import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { StromError } from '../../base/strom-error.ts';
import type { Dispatcher } from '../../calls/dispatcher.ts';
import type { SessionStore } from '../../session/session-store.ts';

export interface ReadinessSubject {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store?: SessionStore | undefined;
}

/** For so long the store is not asked again, however many probes come. */
const FRESH_MS = 1000;
/** A store that takes longer to answer cannot be used. */
const MAX_WAIT_MS = 1000;
/** No session has this id: to look for it costs the least. */
const NO_SESSION = 'readyz';

/** Whether a server takes calls, and can keep what it has to keep of them. */
export class Readiness {
  readonly #subject: ReadinessSubject;
  #known: { readonly isUsable: boolean; readonly atMs: number } | undefined;
  #checking: Promise<boolean> | undefined;
  /** One question at a time: a store that hangs is not asked a second one. */
  #answer: Promise<unknown> | undefined;

  constructor(subject: ReadinessSubject) {
    this.#subject = subject;
  }

  /** Why not, in a word that may be told to everybody; `undefined` when it is ready. */
  async obstacle(): Promise<string | undefined> {
    const { dispatcher, store } = this.#subject;
    if (dispatcher.isShuttingDown) return 'leaving';
    if (dispatcher.isOverloaded) return 'overloaded';
    return store === undefined || (await this.#isUsable(store)) ? undefined : 'unavailable';
  }

  async #isUsable(store: SessionStore): Promise<boolean> {
    const { clock } = this.#subject;
    const ageMs = this.#known === undefined ? FRESH_MS : clock.now() - this.#known.atMs;
    // A clock that was set back must not keep an old answer alive.
    if (this.#known !== undefined && ageMs >= 0 && ageMs < FRESH_MS) return this.#known.isUsable;
    this.#checking ??= this.#check(store);
    return this.#checking;
  }

  async #check(store: SessionStore): Promise<boolean> {
    const { clock, logger } = this.#subject;
    const failure = await this.#failureOf(store);
    const isUsable = failure === undefined;
    const wasUsable = this.#known?.isUsable ?? true;
    if (!isUsable && wasUsable) logger.error({ err: failure }, 'the store cannot be used');
    if (isUsable && !wasUsable) logger.info({}, 'the store can be used again');
    this.#known = { isUsable, atMs: clock.now() };
    this.#checking = undefined;
    return isUsable;
  }

  /** Resolves with what is wrong with the store, in bounded time. */
  #failureOf(store: SessionStore): Promise<unknown> {
    this.#answer ??= ask(store).finally(() => {
      this.#answer = undefined;
    });
    const answer = this.#answer;
    return new Promise((resolve) => {
      const timer = this.#subject.clock.after(MAX_WAIT_MS, () => {
        resolve(new StromError('ERR_STORE', `the store has not answered in ${MAX_WAIT_MS} ms`));
      });
      void answer.then((failure) => {
        timer.cancel();
        resolve(failure);
      });
    });
  }
}

async function ask(store: SessionStore): Promise<unknown> {
  try {
    await store.session(NO_SESSION);
    return undefined;
  } catch (error) {
    return error ?? new StromError('ERR_STORE', 'the store failed');
  }
}
