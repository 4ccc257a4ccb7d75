/**
 * The answer to one POSTed request: a JSON body, or a stream of its own.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import { discardBody, mediaTypeOf, readJsonBody } from './http-body.ts';
import { wireErrorIn } from './http-error.ts';
import type { Inbox } from './inbox.ts';
import type { Switchboard } from './switchboard.ts';

/** What an HTTP exchange needs to know about its surroundings. */
export interface HttpContext {
  readonly board: Switchboard;
  readonly clock: Clock;
  readonly maxMessageChars: number;
  readonly onWarning: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

export const POST_HEADERS = {
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
} as const;

/** Whether an answer is a stream of events. */
export function isEventStream(response: Response): boolean {
  return mediaTypeOf(response) === 'text/event-stream';
}

/**
 * Reads an answer that is no stream and gives its message to the request.
 *
 * @throws {StromError} `ERR_PROTOCOL` when it holds no JSON, `ERR_PEER_GONE` when it breaks off
 */
export async function takeJsonAnswer(
  response: Response,
  inbox: Inbox,
  context: HttpContext,
): Promise<void> {
  if (mediaTypeOf(response) !== 'application/json') {
    discardBody(response);
    const data = { status: response.status };
    const found = mediaTypeOf(response) || 'no content';
    throw new StromError('ERR_PROTOCOL', `the server answered a request with ${found}`, { data });
  }
  const { text, longTexts } = await readJsonBody(response, context.maxMessageChars).catch(cutOff);
  context.board.receiveFor(inbox, text, longTexts);
  if (inbox.isSettled) return;
  throw wireErrorIn(text) ?? new StromError('ERR_PROTOCOL', 'the body holds no answer');
}

/** What the platform throws for a body that breaks off, or is in another coding than it says. */
function cutOff(cause: unknown): never {
  throw cause instanceof StromError ? cause : answerLost(cause);
}

/** The error for an answer that never came although the request was sent. */
export function answerLost(cause?: unknown): StromError {
  return new StromError('ERR_PEER_GONE', 'the stream ended before the answer', { cause });
}

/** Any thrown value as the error a caller sees. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : answerLost(thrown);
}
