/**
 * The in-process transport: a client and a server in one process, speaking the same messages they
 * would speak over a wire.
 *
 * @module
 */
import { LOCAL_PRINCIPAL } from '../../base/principal.ts';
import type { Dispatcher } from '../../calls/dispatcher.ts';
import { Outbox } from '../../calls/outbox.ts';
import { SharedStream } from '../../calls/shared-stream.ts';
import type { LocalConnection } from '../../protocol/local-target.ts';
import { DuplexConnection } from '../../session/duplex-connection.ts';

/**
 * Connects a client.
 *
 * @param receive - given one message text at a time, never from inside `send`
 */
export function connectLocal(
  dispatcher: Dispatcher,
  receive: (text: string) => void,
): LocalConnection {
  let settle = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const outbox = new Outbox({
    write(text) {
      for (const line of text.split('\n')) if (line !== '') receive(line);
      return true;
    },
    end: () => undefined,
  });
  // Message by message in one process: there is no read that could hold several of them.
  const stream = new SharedStream(outbox, { frame: (message) => `${message}\n` });
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
