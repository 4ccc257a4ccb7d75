import { once } from 'node:events';
import { HttpHost } from '../transports/http/http-host.ts';
import { closeHttp, listenHttp, originOf } from './http-server.ts';
import { nodeListener } from './node-listener.ts';
import type { Running, RunOptions } from './run-options.ts';
import { onSignal } from './signals.ts';
import type { Strom } from './strom.ts';
import { joinWorkers } from './worker.ts';

const DEFAULT_PORT = 3000;
const DEFAULT_HOST = '127.0.0.1';

/** Listens on a port until told to leave. */
export async function runHttp(strom: Strom, options: RunOptions): Promise<Running> {
  const membership = joinWorkers(strom);
  const host = new HttpHost(
    {
      dispatcher: strom,
      tools: strom,
      clock: strom.clock,
      logger: strom.logger,
      sessionIdPrefix: membership?.sessionIdPrefix ?? '',
    },
    options,
  );
  const own = nodeListener(host, strom.logger);
  const server = await listenHttp(membership?.route(own) ?? own, {
    port: options.port ?? DEFAULT_PORT,
    host: options.host ?? DEFAULT_HOST,
  });
  const done = new AbortController();
  const close = async (): Promise<void> => {
    strom.shutDown();
    host.close();
    await Promise.all([closeHttp(server), membership?.close()]);
  };
  if (options.handleSignals !== false) onSignal(close, done.signal);
  const closed = once(server, 'close').then(() => done.abort());
  const url = `${originOf(server)}${options.path ?? '/mcp'}`;
  membership?.announce(url);
  strom.logger.info({ url }, 'listening');
  return { url, closed, legacyUses: () => host.legacyUses(), close };
}
