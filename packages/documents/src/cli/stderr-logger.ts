/**
 * Log records as JSON lines on standard error.
 *
 * @module
 */
import type { Logger } from 'strom';

type Fields = Parameters<Logger['info']>[0];

function writer(level: string): Logger['info'] {
  return (fields: Fields, message: string) => {
    const time = new Date().toISOString();
    process.stderr.write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
  };
}

export const stderrLogger: Logger = {
  debug: () => undefined,
  info: writer('info'),
  warn: writer('warn'),
  error: writer('error'),
};
