/**
 * Bodies of HTTP answers, read piece by piece and never beyond a bound.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';

/** What becomes of a body's text while it is read. */
export interface TextSink {
  push(chunk: string): void;
  /** Awaited before more is read; this is how a slow caller slows the socket down. */
  whenRoom(): Promise<void>;
}

/** Reads a body to its end. Rejects with whatever breaks the stream, or what the sink throws. */
export async function pumpText(response: Response, sink: TextSink): Promise<void> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      sink.push(done ? decoder.decode() : decoder.decode(value, { stream: true }));
      if (done) return;
      await sink.whenRoom();
    }
  } finally {
    // Frees the socket when the sink threw; after a normal end there is nothing left to cancel.
    void reader.cancel().catch(() => undefined);
  }
}

/**
 * The whole body as text.
 *
 * @throws {StromError} `ERR_FRAME_TOO_LARGE` when it exceeds `maxChars`
 */
export async function readText(response: Response, maxChars: number): Promise<string> {
  const parts: string[] = [];
  let chars = 0;
  await pumpText(response, {
    push(chunk) {
      chars += chunk.length;
      if (chars > maxChars) {
        throw new StromError('ERR_FRAME_TOO_LARGE', `an HTTP body exceeds ${maxChars} characters`);
      }
      parts.push(chunk);
    },
    whenRoom: () => Promise.resolve(),
  });
  return parts.join('');
}

/** Lets go of a body nobody wants, so that its socket can be used again. */
export function discardBody(response: Response): void {
  void response.body?.cancel().catch(() => undefined);
}

/** The media type of an answer, without parameters, in lower case. */
export function mediaTypeOf(response: Response): string {
  const type = response.headers.get('content-type') ?? '';
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}
