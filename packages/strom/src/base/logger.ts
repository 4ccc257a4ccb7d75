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

const nothing = (): void => undefined;

/** Discards everything. */
export const SILENT_LOGGER: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
