/**
 * Is an answer right? Every answer of every round is either equal, byte for byte, to one that was
 * read in full, or is read in full itself.
 *
 * @module
 */
export interface Expected {
  readonly id: number;
  readonly text: string;
  /** Progress notifications before the result. */
  readonly notes: number;
}

interface Message {
  id?: number;
  method?: string;
  params?: { progressToken?: number; progress?: number };
  result?: { content?: { text?: string }[] };
}

const EVENT_DATA = /^data: ?(.*)$/gm;

function messagesOf(body: string): Message[] {
  const texts = body.startsWith('{') ? [body] : [...body.matchAll(EVENT_DATA)].map(([, d]) => d);
  // Servers of the session era open their streams with an event without data.
  return texts.filter((text) => text !== '').map((text) => JSON.parse(text ?? '') as Message);
}

/** @returns what is wrong with an answer, or `undefined` */
function faultOf(body: string, expected: Expected): string | undefined {
  const messages = messagesOf(body);
  const result = messages.pop();
  if (result?.id !== expected.id) return `no result for ${expected.id}: ${body.slice(0, 300)}`;
  const text = result.result?.content?.[0]?.text;
  if (text !== expected.text) return `the result says ${text}: ${body.slice(0, 300)}`;
  if (messages.length !== expected.notes) {
    return `${messages.length} notifications instead of ${expected.notes}`;
  }
  const isOrdered = messages.every(
    ({ method, params }, index) =>
      method === 'notifications/progress' &&
      params?.progressToken === expected.id &&
      params.progress === index + 1,
  );
  return isOrdered ? undefined : `notifications out of order: ${body.slice(0, 300)}`;
}

/** Checks the answers of one connection. */
export class AnswerCheck {
  readonly #expected: Expected;
  /** The last answer that was read in full. */
  #known: Buffer = Buffer.alloc(0);
  #matched = 0;
  /** Pieces of an answer that differs from the known one. */
  #pieces: Buffer[] | undefined;

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  body(bytes: Buffer, start: number, end: number): void {
    if (this.#pieces === undefined) {
      const matched = this.#matched + end - start;
      const isEqual =
        matched <= this.#known.length &&
        bytes.compare(this.#known, this.#matched, matched, start, end) === 0;
      if (isEqual) {
        this.#matched = matched;
        return;
      }
      this.#pieces = [this.#known.subarray(0, this.#matched)];
    }
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
  }

  /** @returns what is wrong with the answer that just ended, or `undefined` */
  complete(): string | undefined {
    const pieces = this.#pieces;
    const isKnown = pieces === undefined && this.#matched === this.#known.length;
    const matched = this.#matched;
    this.#pieces = undefined;
    this.#matched = 0;
    if (isKnown && matched > 0) return undefined;
    const body = pieces === undefined ? this.#known.subarray(0, matched) : Buffer.concat(pieces);
    const fault = faultOf(body.toString(), this.#expected);
    if (fault === undefined) this.#known = body;
    return fault;
  }
}
