import { StromError } from '../base/strom-error.ts';
import type { LocalTarget } from '../protocol/local-target.ts';
import type { OpenChannel } from './channel.ts';
import { messageLines } from './message-lines.ts';

/** A channel to a server in the same process: texts are handed over, no bytes are copied. */
export function localChannel(target: LocalTarget, maxMessageChars: number): OpenChannel {
  return (events) => {
    const lines = messageLines(events, maxMessageChars);
    const connection = target.connectLocal((text) => lines.push(text));
    // `closed` never rejects by contract; a server that breaks it still ends the channel here.
    void connection.closed
      .catch(() => undefined)
      .then(() => events.onClosed(new StromError('ERR_PEER_GONE', 'the server has closed')));
    return Promise.resolve({
      transport: 'local',
      // As a promise, so that a server that throws fails this one request.
      send: async (text) => connection.send(text),
      settle: () => undefined,
      async close() {
        connection.close();
        await connection.closed;
      },
    });
  };
}
