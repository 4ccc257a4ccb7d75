import { once } from 'node:events';
import { HttpHost } from '../transports/http/http-host.ts';
import type { Credentials } from './dev-certificate.ts';
import { receiveFromWorker } from './forward.ts';
import {
  type DoorOptions,
  type ListeningServer,
  listenHttp,
  listenHttps,
  type TlsListeners,
} from './http-server.ts';
import { nodeListener, streamListener } from './node-listener.ts';
import { observerOf } from './observer-of.ts';
import { processWatch } from './process-watch.ts';
import {
  DEFAULT_DRAIN_TIMEOUT_MS,
  DEFAULT_HOST,
  type Running,
  type RunOptions,
} from './run-options.ts';
import { leaveOnSignal } from './signals.ts';
import type { Strom } from './strom.ts';
import { endOfCertificate, reloadOnChange } from './tls-credentials.ts';
import { resolveTls } from './tls-options.ts';
import { joinWorkers, type WorkerMembership } from './worker.ts';

const DEFAULT_PORT = 3000;

/** Listens on a port until told to leave. */
export async function runHttp(strom: Strom, options: RunOptions): Promise<Running> {
  const membership = joinWorkers(strom);
  const shown = new ShownCertificate();
  const host = new HttpHost(
    {
      dispatcher: strom,
      tools: strom,
      clock: strom.clock,
      logger: strom.logger,
      store: strom.store,
      watch: async () => processWatch(),
      observer: observerOf(strom, options),
      sessionIdPrefix: membership?.sessionIdPrefix ?? '',
      othersCounts: membership?.othersCounts,
      taskCounts: () => strom.taskCounts(),
      certificateEndsAtMs: () => shown.endsAtMs,
    },
    options,
  );
  membership?.shareCounts(() => host.metricsSnapshot());
  const listeners = listenersOf(strom, host, { options, membership });
  const listening = await listen(strom, listeners, { options, shown, membership });
  strom.resumeTasks();
  const done = new AbortController();
  const close = async (): Promise<void> => {
    strom.shutDown();
    await Promise.all([host.close(), listening.close(), membership?.close(), strom.settled()]);
  };
  // The door stays open meanwhile: callers are to be told, and answers to be sent.
  const drain = async (): Promise<void> => {
    await strom.drain(options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS);
    await close();
  };
  if (options.handleSignals !== false) {
    const isLed = membership !== undefined;
    leaveOnSignal({ leave: drain, done: done.signal, logger: strom.logger, isLed });
  }
  const closed = once(listening.server, 'close').then(() => done.abort());
  const url = `${listening.origin}${options.path ?? '/mcp'}`;
  membership?.announce(url);
  strom.logger.info({ url }, 'listening');
  return { url, closed, legacyUses: () => host.legacyUses(), drain, close };
}

interface Surroundings {
  readonly options: RunOptions;
  readonly membership: WorkerMembership | undefined;
}

function listenersOf(
  { logger, store }: Strom,
  host: HttpHost,
  { options, membership }: Surroundings,
): TlsListeners {
  if (membership === undefined) {
    return { request: nodeListener(host, logger), stream: streamListener(host, logger) };
  }
  const { handOver } = membership;
  const isEncrypted = options.tls !== undefined;
  const request = membership.route({
    own: nodeListener(host, logger, { handOver }),
    handedOver: nodeListener(host, logger, {
      handOver,
      handedOver: (request) => ({ isEncrypted, peerAddress: receiveFromWorker(request) }),
    }),
    holds: (sessionId) => host.holds(sessionId),
    canTakeOver: store?.isShared === true,
  });
  return { request };
}

/** The certificate that new connections get. */
class ShownCertificate {
  /** In milliseconds since the epoch; `undefined` without TLS. */
  endsAtMs: number | undefined;

  readonly replace = (credentials: Credentials): void => {
    this.endsAtMs = endOfCertificate(credentials);
  };
}

async function listen(
  strom: Strom,
  listeners: TlsListeners,
  { options, shown, membership }: Surroundings & { readonly shown: ShownCertificate },
): Promise<ListeningServer> {
  const { tls, host = DEFAULT_HOST } = options;
  const { headersTimeoutMs, requestTimeoutMs, connectionIdleMs, stallTimeoutMs } = options;
  const limits = { headersTimeoutMs, requestTimeoutMs, connectionIdleMs, stallTimeoutMs };
  const port = options.port === 0 ? (membership?.freePort ?? 0) : options.port;
  const at: DoorOptions = { port: port ?? DEFAULT_PORT, host, ...limits };
  if (tls === undefined) return listenHttp(listeners.request, at);
  const { credentials, files } = await resolveTls(tls, strom.logger);
  shown.replace(credentials);
  const listening = await listenHttps(listeners, at, credentials);
  if (files !== undefined && 'setSecureContext' in listening.server) {
    const how = { logger: strom.logger, loaded: shown.replace };
    const stopWatching = reloadOnChange(listening.server, files, how);
    listening.server.once('close', stopWatching);
  }
  return listening;
}
