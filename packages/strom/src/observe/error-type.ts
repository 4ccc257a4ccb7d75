import { ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { CallEnd } from '../calls/observer.ts';

/**
 * How a call ended in a word: `undefined` if well, `tool_error` if the tool said so itself, else the
 * code of the error.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
 */
export function errorTypeOf(end: CallEnd): string | undefined {
  switch (end.kind) {
    case 'result':
      return ownValue(end.result, 'isError') === true ? 'tool_error' : undefined;
    case 'input_required':
    case 'task':
      return undefined;
    case 'abandoned':
      return end.reason.code;
    case 'error':
      return end.error instanceof StromError ? end.error.code : String(end.error.code);
  }
}
