/**
 * One `subscriptions/listen` request from its sending to its end.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { RpcNotification } from '../protocol/message.ts';
import type { Connection } from './connection.ts';
import { resultOf } from './handshake.ts';
import type { Inbox } from './inbox.ts';
import { encodeRequest } from './link.ts';
import { onAbort } from './on-abort.ts';
import { orAborted } from './pause.ts';

export interface ListenStream {
  /** What to be told about, as the protocol writes it. */
  readonly notifications: JsonObject;
  /** How long the server may take to acknowledge. */
  readonly acknowledgeTimeoutMs: number;
  /** Called with what the server agreed to, once for each stream. */
  readonly onAcknowledged: (granted: JsonObject) => void;
  readonly onNotification: (notification: RpcNotification) => void;
}

/**
 * Listens until the server ends it in good order.
 *
 * @throws {WireError} when the server refuses
 * @throws {StromError} when the connection drops; the reason of the signal when that is aborted
 */
export async function readListenStream(
  connection: Connection,
  stream: ListenStream,
  signal: AbortSignal,
): Promise<void> {
  const link = await orAborted(connection.link(), signal);
  if (link.server.era !== 'stateless') {
    throw new StromError('ERR_PROTOCOL', 'the server has changed to an older revision');
  }
  const inbox = link.board.open(connection.nextId());
  const loseInterest = onAbort(signal, () => inbox.abort(signal.reason));
  try {
    const { notifications } = stream;
    const method = 'subscriptions/listen';
    const draft = { id: inbox.id, method, params: { notifications }, isStateless: true };
    link.exchange.send(encodeRequest(draft, connection.identity), inbox);
    await readAll(connection, stream, inbox);
  } finally {
    loseInterest();
    link.exchange.cancel(inbox);
    link.board.close(inbox);
  }
}

async function readAll({ clock }: Connection, stream: ListenStream, inbox: Inbox): Promise<void> {
  const timer = clock.after(stream.acknowledgeTimeoutMs, () => {
    inbox.abort(new StromError('ERR_IDLE_TIMEOUT', 'the server did not acknowledge'));
  });
  try {
    for (;;) {
      const message = await inbox.take();
      if (message.kind === 'response') return void resultOf(message);
      if (message.kind === 'request') continue;
      timer.cancel();
      // The server takes the subscription down with these words where it cannot close a stream.
      if (message.method === 'notifications/cancelled') return;
      if (message.method !== 'notifications/subscriptions/acknowledged') {
        stream.onNotification(message);
        continue;
      }
      const granted = ownValue(message.params, 'notifications');
      stream.onAcknowledged(isJsonObject(granted) ? granted : {});
    }
  } finally {
    timer.cancel();
  }
}
