/**
 * Why one document could not be converted.
 *
 * A failure is data: it ends the document it belongs to, never the batch. The
 * message goes to the client as it stands, so it names no absolute path and
 * repeats nothing a parser library said.
 *
 * @module
 */

/** Every failure code with the text used when nothing more exact is known. */
export const FAILURE_TEXTS = {
  cancelled: 'The conversion was cancelled before this document was done.',
  corrupt: 'The document is damaged or malformed.',
  empty: 'The file is empty.',
  no_text: 'The document holds no text, only images or drawings.',
  not_found: 'No document can be read at this path.',
  out_of_memory: 'The document needs more memory than the limit allows.',
  output_failed: 'The Markdown could not be written to the output folder.',
  password_protected: 'The document is protected by a password.',
  timeout: 'The document took longer than the time limit.',
  too_large: 'The document is larger than the limits allow.',
  unchanged: 'The document is unchanged since it was last converted.',
  unsupported: 'This kind of file is not supported.',
  worker_crashed: 'The conversion process ended unexpectedly.',
} as const;

/** A stable code; branch on this, never on the message. */
export type FailureCode = keyof typeof FAILURE_TEXTS;

/** Thrown by the engine for every failure it can name. */
export class ConvertError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string = FAILURE_TEXTS[code], options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConvertError';
    this.code = code;
  }
}

/** Tells whether `value` is one of the codes above. */
export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(FAILURE_TEXTS, value);
}
