/** One structured record: what happened, and facts about it. Never bodies, tokens or paths. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where the library writes what an operator should know. The shape is that of pino, so that a
 * pino instance can be passed as it is.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/**
 * A logger that never throws, whatever the one behind it does: a line may be lost, the work it tells
 * of must not be.
 */
export function shielded(logger: Logger): Logger {
  const write =
    (level: keyof Logger) =>
    (fields: LogFields, message: string): void => {
      try {
        const written: unknown = logger[level](fields, message);
        if (written instanceof Promise) written.catch(nothing);
      } catch {
        // There is nowhere to tell.
      }
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

const nothing = (): void => undefined;

/** Discards everything. */
export const SILENT_LOGGER: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
