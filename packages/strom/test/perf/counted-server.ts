import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Strom } from '../../src/serve/strom.ts';
import type { ServerOptions } from '../../src/server/server-options.ts';
import { makeCertificate } from '../harness/certificate.ts';
import { TestClock } from '../harness/test-clock.ts';

/** What a server did that costs the same on every machine. */
export interface CountedServer extends AsyncDisposable {
  readonly strom: Strom;
  readonly port: number;
  /** Moved by nobody: every timer that is not cleared stays pending. */
  readonly clock: TestClock;
  /** Writes to any connection so far, each of them a call into the kernel. */
  readonly writes: number;
  /** Texts and buffers that those writes were made of. */
  readonly pieces: number;
  /** Told of each of them. */
  onWrite: (() => void) | undefined;
  /** Listeners on all connections and on the process at this moment. */
  readonly listeners: number;
}

/** The two methods through which a stream hands bytes to what is below it. */
const LOW_LEVEL_WRITES = ['_write', '_writev'] as const;

export interface CountedOptions extends Partial<ServerOptions> {
  /** Serve over TLS; what is counted is what goes into it. */
  readonly isEncrypted?: boolean;
}

/** Serves on a free port and counts. */
export async function startCounted(
  configure: (strom: Strom) => void,
  { isEncrypted = false, ...options }: CountedOptions = {},
): Promise<CountedServer> {
  const clock = new TestClock();
  const strom = new Strom({ name: 'counted', version: '1.0.0', clock, ...options });
  configure(strom);
  const sockets: Socket[] = [];
  const closes: Promise<unknown>[] = [];
  let writes = 0;
  let pieces = 0;
  const server = isEncrypted
    ? createHttpsServer(await makeCertificate('localhost'), strom.listener())
    : createServer(strom.listener());
  server.on(isEncrypted ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.push(socket);
    closes.push(new Promise((resolve) => socket.once('close', resolve)));
    for (const name of LOW_LEVEL_WRITES) {
      const write = socket[name] as (...args: unknown[]) => void;
      socket[name] = (...args: unknown[]) => {
        writes += 1;
        pieces += name === '_writev' ? (args[0] as unknown[]).length : 1;
        counted.onWrite?.();
        write.apply(socket, args);
      };
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const counted: CountedServer = {
    strom,
    clock,
    onWrite: undefined,
    port: (server.address() as AddressInfo).port,
    get writes() {
      return writes;
    },
    get pieces() {
      return pieces;
    },
    get listeners() {
      return [process, ...sockets].reduce((sum, emitter) => sum + listenersOn(emitter), 0);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await Promise.all([once(server, 'close'), ...closes]);
    },
  };
  return counted;
}

function listenersOn(emitter: NodeJS.EventEmitter): number {
  return emitter.eventNames().reduce((sum, event) => sum + emitter.listenerCount(event), 0);
}
