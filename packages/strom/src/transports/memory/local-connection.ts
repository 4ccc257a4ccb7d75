/**
 * The in-process transport: a client and a server in one process, speaking the same messages they
 * would speak over a wire.
 *
 * @module
 */
import { LOCAL_PRINCIPAL } from '../../base/principal.ts';
import type { Dispatcher } from '../../calls/dispatcher.ts';
import { LongMessages } from '../../calls/long-messages.ts';
import { Outbox } from '../../calls/outbox.ts';
import { SharedStream } from '../../calls/shared-stream.ts';
import type { LocalConnection } from '../../protocol/local-target.ts';
import { DuplexConnection } from '../../session/duplex-connection.ts';

/**
 * Connects a client.
 *
 * @param receive - given messages as lines, cut anywhere; never from inside `send`
 */
export function connectLocal(
  dispatcher: Dispatcher,
  receive: (text: string) => void,
): LocalConnection {
  let settle = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const longMessages = new LongMessages({
    write(text) {
      receive(text);
      return true;
    },
    end: () => undefined,
  });
  const outbox = new Outbox(longMessages);
  // Message by message in one process: there is no read that could hold several of them.
  const stream = new SharedStream(outbox, { frame: (message) => `${message}\n`, longMessages });
  const connection = new DuplexConnection({
    dispatcher,
    principal: LOCAL_PRINCIPAL,
    openChannel: () => stream.openChannel(),
  });
  return {
    send: (text) => queueMicrotask(() => connection.receive(text)),
    close() {
      outbox.gone();
      connection.close();
      settle();
    },
    closed,
  };
}
