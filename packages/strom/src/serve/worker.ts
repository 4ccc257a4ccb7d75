/**
 * A worker's part in a team: sessions live in the worker that opened them, their ids name it, and
 * a request that reaches another worker is handed to the owner over a local socket. With a store,
 * the worker a request reaches takes up the session of one that has died, and keeps it.
 *
 * @module
 */
import cluster from 'node:cluster';
import { rmdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { MetricsSnapshot } from '../calls/observer.ts';
import { forward, isOnSecondHop } from './forward.ts';
import { type DoorOptions, type ListeningServer, listenHttp } from './http-server.ts';
import type { NodeListener } from './node-listener.ts';
import type { Strom } from './strom.ts';
import { WorkerCounts } from './worker-counts.ts';

export const WORKER_ENV = 'STROM_WORKER';

/** What the primary tells a worker. */
export interface WorkerSetup {
  readonly index: number;
  /** Holds the local sockets; readable by this user alone. */
  readonly directory: string;
  /** Base64 of the key that seals states between rounds, shared by all workers. */
  readonly stateKey: string;
  /** Where all of them listen if any port will do. */
  readonly freePort?: number | undefined;
}

export interface WorkerMembership {
  readonly sessionIdPrefix: string;
  /** Where all workers listen if any port will do. */
  readonly freePort: number | undefined;
  /** Sends requests of other workers' sessions to them, the others to where they are served. */
  route(served: ServedHere): NodeListener;
  /**
   * Sends a request to the process that turned out to hold its session.
   *
   * @returns `false` when that is no worker of this team, or the request was sent around before
   */
  handOver(incoming: IncomingMessage, response: ServerResponse, holder: string): boolean;
  /** Tells the other workers, when they ask, what this one has counted. */
  shareCounts(own: () => Promise<MetricsSnapshot>): void;
  /** What the other workers have counted. */
  othersCounts(): Promise<readonly MetricsSnapshot[]>;
  /** Tells the primary where this worker can be reached. */
  announce(url: string): void;
  close(): Promise<void>;
}

/** What a worker serves itself. */
export interface ServedHere {
  readonly own: NodeListener;
  /** Serves what other workers send here. */
  readonly handedOver: NodeListener;
  /** Whether a session is open here, whoever opened it. */
  holds(sessionId: string): boolean;
  /** Whether the sessions of a worker that has died can be gone on with. */
  readonly canTakeOver: boolean;
}

const OWNER = /^w(\d{1,4})-/;

/** Joins the team, if this process is a worker of one. */
export function joinWorkers(strom: Strom): WorkerMembership | undefined {
  const text = process.env[WORKER_ENV];
  if (!cluster.isWorker || text === undefined) return undefined;
  const setup = JSON.parse(text) as WorkerSetup;
  strom.shareStateKey(Buffer.from(setup.stateKey, 'base64'));
  const socketOf = (index: number): string => path.join(setup.directory, `${index}.sock`);
  const other = (id: string | undefined): number | undefined => {
    const match = id === undefined ? null : OWNER.exec(id);
    const index = match === null ? setup.index : Number(match[1]);
    return index === setup.index ? undefined : index;
  };
  let local: Promise<ListeningServer> | undefined;
  let own = (): Promise<MetricsSnapshot> => Promise.resolve([]);
  const leaveNothing = (): void => removeFolder(setup.directory, socketOf(setup.index));
  const counts = new WorkerCounts({
    clock: strom.clock,
    // Without a primary there is nobody to tell.
    send: (message) => process.send?.(message, undefined, undefined, () => undefined),
    own: () => own(),
  });
  return {
    sessionIdPrefix: `w${setup.index}-`,
    freePort: setup.freePort,
    route({ own, handedOver, holds, canTakeOver }) {
      local = listenLocally(handedOver, socketOf(setup.index));
      process.once('exit', leaveNothing);
      return (incoming, response, next) => {
        const id = sessionIdOf(incoming);
        const owner = other(id);
        if (owner === undefined || id === undefined || holds(id)) own(incoming, response, next);
        else {
          forward(incoming, response, {
            socket: socketOf(owner),
            outlivesProcess: canTakeOver,
            ...(canTakeOver && { unreachable: () => own(incoming, response, next) }),
          });
        }
      };
    },
    handOver(incoming, response, holder) {
      const owner = other(holder);
      if (owner === undefined || isOnSecondHop(incoming)) return false;
      forward(incoming, response, { socket: socketOf(owner), outlivesProcess: true, isLast: true });
      return true;
    },
    shareCounts(made) {
      own = made;
      process.on('message', (message) => void counts.receive(message));
    },
    othersCounts: () => counts.others(),
    announce: (url) => process.send?.({ url }),
    close: async () => {
      await (await local)?.close();
      // The primary lives, and may start another worker there.
      process.off('exit', leaveNothing);
      // The channel to the primary would keep the process alive.
      if (process.connected) process.disconnect();
    },
  };
}

/**
 * Between workers nobody is impatient: the worker at the door has the client, bounds how long that takes,
 * and closes this connection when it has gone. What is kept alive is closed by the worker that would use
 * it next, which could not tell otherwise whether a request was taken.
 */
const PATIENCE: DoorOptions = {
  headersTimeoutMs: 0,
  requestTimeoutMs: 0,
  connectionIdleMs: 0,
  stallTimeoutMs: 0,
};

/** Not through the primary: `exclusive` keeps the socket this worker's own. */
function listenLocally(own: NodeListener, socket: string): Promise<ListeningServer> {
  // A worker that was killed has left its socket behind.
  rmSync(socket, { force: true });
  return listenHttp(own, { ...PATIENCE, path: socket, exclusive: true });
}

/** A primary that was killed has left its folder behind; the last of its workers to end removes it. */
function removeFolder(directory: string, own: string): void {
  if (process.connected) return;
  rmSync(own, { force: true });
  try {
    rmdirSync(directory);
  } catch {
    // Others are still there, or it is gone already.
  }
}

/** The session a request names, in its header or in the query of HTTP+SSE. */
function sessionIdOf(incoming: IncomingMessage): string | undefined {
  const header = incoming.headers['mcp-session-id'];
  return typeof header === 'string' ? header : queryId(incoming.url ?? '');
}

const QUERY_ID = /[?&]sessionId=([^&]*)/;

function queryId(target: string): string | undefined {
  return target.includes('?') ? QUERY_ID.exec(target)?.[1] : undefined;
}
