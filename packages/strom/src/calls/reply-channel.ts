import type { StromError } from '../base/strom-error.ts';
import type { WireError } from '../base/wire-error.ts';
import type { Pieces } from '../protocol/json-pieces.ts';
import type { FramePolicy } from './outbox.ts';
import type { Tally } from './tally.ts';

/**
 * Where the messages of one reply go: an HTTP response, a stream that can be resumed, a connection
 * shared with other replies.
 */
export interface ReplyChannel {
  /** Counts the messages that do not arrive; set by who watches the call. */
  tally?: Tally | undefined;
  /** The status of HTTP the reply has, once that is known; absent where the transport has none. */
  readonly status?: number | undefined;
  /** Reads a header of the request that is answered (lower-case name), where it came with headers. */
  readonly header?: ((name: string) => string | undefined) | undefined;
  /**
   * Hands on a message that precedes the last one.
   *
   * @param owner - whose message it is where several calls share the channel: the progress of one
   * never takes the place of another's. Default: the channel
   * @returns nothing while the reader keeps up, else a promise until it has, or is gone
   */
  push(message: string, policy: FramePolicy, owner?: object): Promise<void> | undefined;
  /**
   * Waits for a reader so far behind that of further progress only the newest reaches it; it need not
   * be encoded before.
   *
   * @returns nothing while progress still fits; absent where every message is kept
   */
  awaitRoom?(): Promise<void> | undefined;
  /**
   * Hands on a long message that precedes the last one, made while it is sent; absent where messages
   * are kept whole.
   *
   * @returns as {@link ReplyChannel.push}
   */
  pushInPieces?(message: Pieces): Promise<void> | undefined;
  /** Writes what is queued. */
  flush(): void;
  /** Lets messages wait for one another that long; absent where the stream has other users. */
  batchFor?(burstWindowMs: number): void;
  /** Ends the connection, not the reply; absent where nobody could come back for the rest. */
  suspendConnection?(retryMs: number): void;
  /**
   * Ends the reply.
   *
   * @param message - the last message; `undefined` when the call was cancelled and gets none
   * @param failure - the error the message carries, for channels that have a status to set
   */
  end(message: string | undefined, failure?: StromError | WireError): void;
  /** Ends the reply with a long message, made while it is sent; absent where it is kept whole. */
  endInPieces?(message: Pieces): void;
}
