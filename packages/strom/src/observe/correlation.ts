import type { HeaderReader } from '../calls/observer.ts';
import type { TraceContext } from '../protocol/operation.ts';

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;
const CHARS = 12;
const NO_HEADERS: HeaderReader = () => undefined;

/**
 * By which everything that is written about a request is found: the id of the trace the caller says it
 * belongs to, or else a random one.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function correlationOf(
  trace: TraceContext | undefined,
  header: HeaderReader = NO_HEADERS,
): string {
  return traceIdOf(trace?.traceparent) ?? traceIdOf(header('traceparent')) ?? randomId();
}

function traceIdOf(traceparent: string | undefined): string | undefined {
  if (traceparent === undefined) return undefined;
  return TRACEPARENT.exec(traceparent)?.[1];
}

/**
 * Short, because people read it; long enough that two lines do not meet by chance. It opens nothing, so
 * it need not be hard to guess: a logged request should not pay for that.
 */
function randomId(): string {
  return Math.floor(Math.random() * 16 ** CHARS)
    .toString(16)
    .padStart(CHARS, '0');
}
