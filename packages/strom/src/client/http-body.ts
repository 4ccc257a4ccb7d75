/**
 * Bodies of HTTP answers, read piece by piece and never beyond a bound.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import { TextPieces } from '../base/text-pieces.ts';
import { LONG_CHARS, LongTexts } from '../protocol/long-texts.ts';

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
  const parts = new TextPieces();
  await readParts(response, maxChars, (part) => parts.add(part));
  return parts.take();
}

/** @param take - told each part, and how many characters there are with it */
async function readParts(
  response: Response,
  maxChars: number,
  take: (part: string, chars: number) => void,
): Promise<void> {
  let chars = 0;
  await pumpText(response, {
    push(chunk) {
      chars += chunk.length;
      if (chars > maxChars) {
        throw new StromError('ERR_FRAME_TOO_LARGE', `an HTTP body exceeds ${maxChars} characters`);
      }
      take(chunk, chars);
    },
    whenRoom: () => Promise.resolve(),
  });
}

/** A JSON text, and what was taken out of it while it was read. */
export interface JsonBody {
  readonly text: string;
  readonly longTexts: LongTexts | undefined;
}

/**
 * The whole body, which must be JSON. Once it is large, long texts are taken out of it.
 *
 * @throws {StromError} `ERR_FRAME_TOO_LARGE` when it exceeds `maxChars`; `ERR_PROTOCOL` when a long text
 * is no JSON string
 */
export async function readJsonBody(response: Response, maxChars: number): Promise<JsonBody> {
  let longTexts: LongTexts | undefined;
  const parts = new TextPieces();
  await readParts(response, maxChars, (part, chars) => {
    parts.add(longTexts === undefined ? part : longTexts.push(part));
    if (longTexts !== undefined || chars < LONG_CHARS) return;
    longTexts = new LongTexts();
    parts.add(longTexts.push(parts.take()));
  });
  if (longTexts !== undefined) parts.add(longTexts.endLine());
  return { text: parts.take(), longTexts };
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
