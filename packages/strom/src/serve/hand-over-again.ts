/**
 * Connections that a worker was being given when it died.
 *
 * @module
 */
import cluster, { type Worker } from 'node:cluster';

/**
 * Sees to it that a connection given to a worker that dies before it took it is given to another one,
 * or closed where no other one listens.
 *
 * `node:cluster` waits for a worker to say that it took a connection. One that is killed never says
 * so, and its client would wait for ever, unless it is answered here in the worker's place: not
 * taken. The names of those messages are not documented, and the same from Node 20 to 24; where they
 * are others, nothing is answered and connections are lost as before.
 *
 * @param worker - as it comes from `cluster.fork`
 * @param isReplaceable - whether another worker listens
 */
export function handOverAgain(worker: Worker, isReplaceable: () => boolean): void {
  const child = worker.process;
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  // A worker is given one connection of a listening socket at a time.
  const latest = new Map<unknown, number>();
  child.send = (...args: unknown[]) => {
    const { act, key, seq } = (args[0] ?? {}) as { act?: unknown; key?: unknown; seq?: unknown };
    if (act === 'newconn' && typeof seq === 'number') latest.set(key, seq);
    return send(...args);
  };
  // Whatever the worker said has been read by then; an answer to what was taken is not heard.
  child.once('close', () => {
    // Node goes on offering connections to one whose end it heard of before that of the channel.
    if (cluster.workers?.[worker.id] === worker) worker.disconnect();
    for (const ack of latest.values()) {
      child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: !isReplaceable() });
    }
  });
}
