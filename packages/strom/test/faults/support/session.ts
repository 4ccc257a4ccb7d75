import { HttpPeer } from '../../harness/peers/http-peer.ts';
import type { RawAnswer } from '../../harness/raw-http.ts';
import type { Target } from './victim.ts';

/** Opens a session that ends with the case, for it would count as harm. */
export async function openSession(server: Target, revision: string): Promise<HttpPeer> {
  const peer = await HttpPeer.at(server.url, revision);
  return Object.assign(peer, {
    async [Symbol.asyncDispose](): Promise<void> {
      await HttpPeer.prototype[Symbol.asyncDispose].call(peer);
      await (await peer.terminate()).text();
    },
  });
}

/** Ends the session that an answer to `initialize` has opened. */
export async function endSession(server: Target, opened: RawAnswer): Promise<void> {
  const id = opened.headers.get('mcp-session-id') ?? '';
  await server.send({ method: 'DELETE', headers: [['Mcp-Session-Id', id]] });
}
