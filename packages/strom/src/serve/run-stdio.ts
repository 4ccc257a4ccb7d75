import { withDefaults } from '../base/with-defaults.ts';
import { DEFAULT_OUTBOX_LIMITS } from '../calls/outbox.ts';
import { serveStdio } from '../transports/stdio/serve-stdio.ts';
import { guardStdout } from './guard-stdout.ts';
import { observerOf } from './observer-of.ts';
import { DEFAULT_DRAIN_TIMEOUT_MS, type Running, type RunOptions } from './run-options.ts';
import { exitSoon, leaveOnSignal } from './signals.ts';
import type { Strom } from './strom.ts';

/** Peers that close our input wait about two seconds before they use force. */
const PEER_GONE_GRACE_MS = 500;

/** Serves one client on the standard streams; the process may end when it has gone. */
export async function runStdio(strom: Strom, options: RunOptions): Promise<Running> {
  const output = guardStdout();
  const observer = observerOf(strom, { ...options, metrics: false });
  const served = serveStdio(strom, {
    input: process.stdin,
    output,
    observer,
    limits: withDefaults(DEFAULT_OUTBOX_LIMITS, options),
    clock: strom.clock,
  });
  strom.resumeTasks();
  const done = new AbortController();
  let isClosing = false;
  const close = async (): Promise<void> => {
    isClosing = true;
    strom.shutDown();
    served.close();
    await Promise.all([served.closed, strom.settled()]);
  };
  const drain = async (): Promise<void> => {
    await strom.drain(options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS);
    await close();
  };
  if (options.handleSignals !== false) {
    leaveOnSignal({ leave: drain, done: done.signal, logger: strom.logger });
  }
  const closed = served.closed.then(() => {
    done.abort();
    // The peer has gone: a call that heeds nothing must not keep the process it was started for.
    if (!isClosing && options.handleSignals !== false) exitSoon(strom.logger, PEER_GONE_GRACE_MS);
  });
  return { url: undefined, closed, legacyUses: () => [], drain, close };
}
