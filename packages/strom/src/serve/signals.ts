import type { Logger } from '../base/logger.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type SignalName = keyof typeof EXIT_CODES;

/** How long what others left running may keep the process alive once the server has closed. */
const LAST_GRACE_MS = 1_000;

export interface LeaveOptions {
  /** Ends everything; what it is given time for is up to it. */
  readonly leave: () => Promise<void>;
  /** Aborted when the server has closed, so that signals are no longer its business. */
  readonly done: AbortSignal;
  readonly logger: Logger;
  /**
   * Whether another process decides when to leave, and gets the signals of the terminal as well:
   * then SIGINT is ignored, and a second signal is no sign of haste.
   */
  readonly isLed?: boolean;
}

/**
 * Leaves on the first SIGINT or SIGTERM, in an orderly way; on the second one at once. The process
 * ends with 0 after the first, even where a handler that was stopped left a timer behind.
 */
export function leaveOnSignal({ leave, done, logger, isLed = false }: LeaveOptions): void {
  let isLeaving = false;
  const onSignal = (name: SignalName): void => {
    if (isLed && (isLeaving || name === 'SIGINT')) return;
    if (isLeaving) process.exit(EXIT_CODES[name]);
    isLeaving = true;
    logger.info({ signal: name }, 'leaving');
    leave().then(
      () => exitSoon(logger),
      (error: unknown) => {
        logger.error({ err: error }, 'leaving failed');
        process.exit(1);
      },
    );
  };
  for (const name of Object.keys(EXIT_CODES) as SignalName[]) process.on(name, onSignal);
  const stopListening = (): void => {
    for (const name of Object.keys(EXIT_CODES) as SignalName[]) process.off(name, onSignal);
  };
  if (done.aborted) stopListening();
  else done.addEventListener('abort', stopListening, { once: true });
}

/** Ends the process unless it ends by itself before: nothing it could do is waited for any more. */
export function exitSoon(logger: Logger, graceMs: number = LAST_GRACE_MS): void {
  const timer = setTimeout(() => {
    logger.warn({}, 'something still keeps the process alive; it ends now');
    process.exit(0);
  }, graceMs);
  // Where nothing else is left, the process ends by itself and before that.
  timer.unref();
}
