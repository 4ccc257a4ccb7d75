import type { CliError } from './cli-error.ts';
import type { LiveStream } from './live/live-view.ts';
import type { Palette } from './live/palette.ts';
import { plainText } from './live/terminal-text.ts';

export interface ReportOptions {
  readonly stream: LiveStream;
  readonly palette: Palette;
  /** Adds one line of JSON for a program, after the words for people. */
  readonly isJson: boolean;
  /** Shows where it happened. */
  readonly isVerbose: boolean;
}

/** The JSON form of an error; members that are not known are left out. */
export function errorFields(error: CliError): object {
  const { code, message, reason, status, hint } = error;
  return { code, message, reason, status, hint };
}

/** Says on standard error what went wrong. */
export function reportError(error: CliError, options: ReportOptions): void {
  const { stream, palette, isJson, isVerbose } = options;
  stream.write(`${palette.bad('strom:')} ${plainText(error.message)}\n`);
  if (error.hint !== undefined) stream.write(`  ${palette.faint(plainText(error.hint))}\n`);
  if (isVerbose) stream.write(`${palette.faint(traceOf(error))}\n`);
  if (isJson) stream.write(`${JSON.stringify({ error: errorFields(error) })}\n`);
}

/** The stack of every error in the chain. */
function traceOf(error: Error): string {
  const traces: string[] = [];
  let current: unknown = error;
  // Chains may be cyclic.
  for (let depth = 0; depth < 8 && current instanceof Error; depth += 1) {
    traces.push(plainText(current.stack ?? current.message));
    current = current.cause;
  }
  return traces.join('\ncaused by ');
}
