import type { Readable } from 'node:stream';
import { BytePieces } from '../../base/byte-pieces.ts';
import { publicError, StromError } from '../../base/strom-error.ts';

export function bodyTooLarge(maxBytes: number): StromError {
  return publicError(
    'ERR_BODY_TOO_LARGE',
    `The body exceeds ${maxBytes} bytes; the setting maxBodyBytes allows more`,
  );
}

export function bodyBrokenOff(): StromError {
  return new StromError('ERR_PEER_GONE', 'the body broke off');
}

/** What is known of a body before it comes. */
export interface BodyFacts {
  readonly maxBytes: number;
  /** So many bytes are the whole of it: its end is not waited for. */
  readonly length?: number;
  /** Called at once when that many have come. */
  readonly onWhole?: () => void;
  /** Whether its end is none: its peer has taken it back. */
  readonly isTakenBack?: () => boolean;
}

/**
 * Reads the whole body of a request.
 *
 * @throws {StromError} `ERR_BODY_TOO_LARGE`; `ERR_PEER_GONE` when the body breaks off
 */
export function readIncoming(
  request: Readable,
  { maxBytes, length, onWhole, isTakenBack }: BodyFacts,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces = new BytePieces();
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.pause();
        reject(bodyTooLarge(maxBytes));
        return;
      }
      pieces.add(chunk);
      if (bytes !== length) return;
      onEnd();
      onWhole?.();
    };
    const onEnd = (): void => {
      // Through them the request would hold the body for as long as the answer lasts.
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (isTakenBack?.() === true) reject(bodyBrokenOff());
      else resolve(pieces.take());
    };
    const onClose = (): void => reject(bodyBrokenOff());
    // `on` and not `once`, which wraps every listener: these happen once.
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

/**
 * What a framework has parsed, as bytes again, so that it passes the same checks as any other body.
 *
 * @throws {StromError} `ERR_BODY_TOO_LARGE`; `ERR_INVALID_REQUEST` when it nests too deep
 */
export async function parsedBody(body: unknown, maxBytes: number): Promise<Uint8Array> {
  if (body === undefined) throw bodyTaken();
  const bytes = new TextEncoder().encode(textOf(body));
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes);
  return bytes;
}

/** Unlike reading it, writing JSON takes stack for every level. */
function textOf(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    const error = publicError('ERR_INVALID_REQUEST', 'JSON nests too deep');
    error.cause = cause;
    throw error;
  }
}

/** A body that a framework has read and kept can be waited for in vain. */
function bodyTaken(): StromError {
  return new StromError(
    'ERR_INTERNAL',
    'the body was read before Strom got the request: hand it on earlier, in Fastify in an ' +
      'onRequest hook, or with the parsed body as request.body',
  );
}
