import { publicError, type StromError } from '../base/strom-error.ts';
import type { CallWatch } from '../calls/observer.ts';
import type { ReplyChannel } from '../calls/reply-channel.ts';
import { ReplyView } from '../calls/reply-view.ts';
import type { Outcome } from '../protocol/call-event.ts';
import type { MessageEncoder } from '../protocol/message-encoder.ts';
import type { Question } from '../protocol/question.ts';
import type { QuestionDesk } from './question-desk.ts';

export interface SessionViewOptions {
  readonly desk: QuestionDesk;
  readonly watch: CallWatch | undefined;
}

/** The view of a session's caller, who can be asked while the call runs. */
export class SessionView extends ReplyView {
  readonly #replyChannel: ReplyChannel;
  readonly #desk: QuestionDesk;

  constructor(encoder: MessageEncoder, channel: ReplyChannel, options: SessionViewOptions) {
    super(encoder, channel, options.watch);
    this.#replyChannel = channel;
    this.#desk = options.desk;
  }

  ask(question: Question): Promise<unknown> {
    return this.#desk.ask(question, this.#replyChannel, this);
  }

  override finish(outcome: Outcome): StromError | undefined {
    this.#withdraw();
    return super.finish(outcome);
  }

  override abandon(reason: StromError): void {
    this.#withdraw();
    super.abandon(reason);
  }

  #withdraw(): void {
    this.#desk.withdraw(this, publicError('ERR_CANCELLED', 'The call ended before the answer.'));
  }
}
