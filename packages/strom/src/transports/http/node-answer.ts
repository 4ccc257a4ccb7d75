import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { PeerWatcher } from './exchange.ts';

/** What HTTP/2 calls a stream that is not gone on with. */
const CANCEL = 0x8;

/** The writing half of an exchange in HTTP/1.1, or in HTTP/2. */
export type NodeAnswer = ServerResponse | ServerHttp2Stream;

/** Ends an answer that is not whole, in a way that its reader can tell from a whole one. */
export function cutAnswer(answer: NodeAnswer): void {
  // A stream of HTTP/2 that is destroyed says that nothing is wrong.
  if ('session' in answer) answer.close(CANCEL);
  answer.destroy();
}

/** Tells `watcher` once if the peer goes away, or has gone, before the answer is complete. */
export function tellWhenGone(answer: NodeAnswer, watcher: PeerWatcher): void {
  const tell = (): void => {
    if (!answer.writableFinished || wasCut(answer)) watcher.gone();
  };
  // An event that has passed does not come again; the peer may have gone while we waited.
  if (answer.destroyed) tell();
  // It closes once; `once` would keep three more objects for as long as the stream is open.
  else answer.on('close', tell);
}

/** Node ends a stream of HTTP/2 that its peer has reset, which then looks as if it were complete. */
function wasCut(answer: NodeAnswer): boolean {
  return 'aborted' in answer && answer.aborted;
}
