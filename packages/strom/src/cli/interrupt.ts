import { EXIT_CODES } from './cli-error.ts';

/** Why a command is told to stop before it is done. */
export type InterruptReason = 'interrupted' | 'terminated';

export interface InterruptHooks {
  /** The command has been told to stop and now ends in an orderly way. */
  readonly onFirst: (reason: InterruptReason) => void;
  /** The person does not want to wait for that. */
  readonly leave: (exitCode: number) => void;
}

/** The first interruption asks a command to stop, the second one leaves. */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #hooks: InterruptHooks;
  #reason: InterruptReason | undefined;
  #offer: (() => void) | undefined;

  constructor(hooks: InterruptHooks) {
    this.#hooks = hooks;
  }

  /** Aborted by the first interruption. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): InterruptReason | undefined {
    return this.#reason;
  }

  /**
   * Has `offer` called in place of the next Ctrl-C, once; whoever offers may {@link stop} later.
   *
   * @returns how to take the offer back
   */
  offerOnce(offer: () => void): () => void {
    this.#offer = offer;
    return () => {
      this.#offer = undefined;
    };
  }

  trigger(reason: InterruptReason): void {
    const offer = this.#offer;
    this.#offer = undefined;
    if (offer !== undefined && reason === 'interrupted' && this.#reason === undefined) offer();
    else this.stop(reason);
  }

  /** As {@link trigger}, without any offer. */
  stop(reason: InterruptReason): void {
    if (this.#reason !== undefined) {
      this.#hooks.leave(EXIT_CODES[reason]);
      return;
    }
    this.#reason = reason;
    this.#hooks.onFirst(reason);
    this.#controller.abort();
  }
}
