import type { Writable } from 'node:stream';
import type { Drainable, OutboxTarget } from '../../calls/outbox.ts';
import { cutAnswer, type NodeAnswer } from './node-answer.ts';
import { writeChunk } from './node-chunk.ts';

/** How an answer begins. */
export interface NodeHead {
  /**
   * Sends the head with the first text of a stream.
   *
   * @returns who tells with `drain` that the reader has caught up; nothing while it keeps up
   */
  startStream(text: string): Writable | undefined;
  /** Answers with a text that turned out to be all there is. */
  replyWhole(text: string): void;
}

/** A streamed answer; the head leaves with the first text. */
export class NodeReplyStream implements OutboxTarget {
  readonly #answer: NodeAnswer;
  readonly #head: NodeHead;
  readonly #stallTimeoutMs: number;

  constructor(answer: NodeAnswer, head: NodeHead, stallTimeoutMs: number) {
    this.#answer = answer;
    this.#head = head;
    this.#stallTimeoutMs = stallTimeoutMs;
  }

  write(text: string, source: Drainable): boolean {
    const answer = this.#answer;
    const behind = answer.headersSent ? writeChunk(answer, text) : this.#head.startStream(text);
    if (behind !== undefined) this.#awaitDrain(behind, source);
    return behind === undefined;
  }

  /** Listens only while the reader is behind: of thousands of open streams most never are. */
  #awaitDrain(behind: Writable, source: Drainable): void {
    const answer = this.#answer;
    const cut = (): void => cutAnswer(answer);
    answer.on('timeout', cut);
    // A timeout counts bytes the kernel takes, so a slow reader is not a stalled one.
    answer.setTimeout(this.#stallTimeoutMs);
    behind.once('drain', () => {
      answer.off('timeout', cut);
      answer.setTimeout(0);
      source.drained();
    });
  }

  end(text: string, more?: Iterable<string>): void {
    if (more !== undefined) this.#endInPieces(text, more[Symbol.iterator]());
    else if (this.#answer.headersSent) this.#answer.end(text);
    else this.#head.replyWhole(text);
  }

  /** Makes the next piece when the reader has taken the last: no two of them are in memory. */
  #endInPieces(text: string, more: Iterator<string>): void {
    const goOn = { drained: (): void => this.#endInPieces('', more) };
    if (text !== '' && !this.write(text, goOn)) return;
    for (let next = more.next(); next.done !== true; next = more.next()) {
      if (!this.write(next.value, goOn)) return;
    }
    this.#answer.end();
  }
}
