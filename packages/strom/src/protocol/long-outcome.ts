/**
 * Results with long texts in them, such as files. As one string such a result would be copied at
 * every step to the socket; here it stays where it is, and is encoded while it is sent.
 *
 * @module
 */
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { Outcome } from './call-event.ts';
import { MAX_OUTCOME_CHARS, type MessageEncoder } from './message-encoder.ts';

/** Shorter texts cost less to copy than to send by themselves. */
const LONG_CHARS = 256 * 1024;
const PIECE_CHARS = 32 * 1024;
/** JSON spells one character with six at most. */
const MAX_SPELLING = 6;
/** The members of content blocks and of resources that hold texts and encoded bytes. */
const TEXT_MEMBERS = ['text', 'data', 'blob'] as const;

/** Stands for a long text while what is around it is encoded; no tool can know it. */
const MARK = `long-${Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join('-')}`;
const MARKED = new RegExp(`${MARK}:(\\d+):`);

/** The text of a message, in pieces that are made when they are asked for. */
export type Pieces = Iterable<string>;

/**
 * Encodes an outcome with long texts.
 *
 * @returns `undefined` for all others, and for those too long to be sent: the usual way is theirs
 */
export function encodeLongOutcome(encoder: MessageEncoder, outcome: Outcome): Pieces | undefined {
  if (outcome.kind !== 'result') return undefined;
  const blocks = blocksOf(outcome.result);
  if (blocks === undefined || !blocks.some(isLongBlock)) return undefined;
  const texts: string[] = [];
  const content = blocks.map((block) => marked(block, texts));
  const name = Array.isArray(outcome.result['content']) ? 'content' : 'contents';
  const result = { ...outcome.result, [name]: content };
  const around = textOf(encoder, { ...outcome, result })?.split(MARKED);
  if (around === undefined) return undefined;
  const message = { around, texts };
  return isSendable(message) ? piecesOf(message) : undefined;
}

function textOf(encoder: MessageEncoder, outcome: Outcome): string | undefined {
  try {
    return encoder.outcome(outcome);
  } catch {
    // It has no JSON form; the usual way makes an error of it.
    return undefined;
  }
}

function blocksOf({ content, contents }: JsonObject): readonly unknown[] | undefined {
  if (Array.isArray(content)) return content;
  return Array.isArray(contents) ? contents : undefined;
}

function isLongBlock(block: unknown): boolean {
  if (!isJsonObject(block)) return false;
  return TEXT_MEMBERS.some((name) => isLong(block[name])) || isLongBlock(block['resource']);
}

function isLong(value: unknown): value is string {
  return typeof value === 'string' && value.length >= LONG_CHARS;
}

function marked(block: unknown, texts: string[]): unknown {
  if (!isLongBlock(block) || !isJsonObject(block)) return block;
  const copy = { ...block };
  for (const name of TEXT_MEMBERS) {
    const text = block[name];
    if (isLong(text)) copy[name] = `${MARK}:${texts.push(text) - 1}:`;
  }
  if (isLongBlock(block['resource'])) copy['resource'] = marked(block['resource'], texts);
  return copy;
}

interface Message {
  /** JSON text, the index of a long text, JSON text, and so on. */
  readonly around: readonly string[];
  readonly texts: readonly string[];
}

/** Whether the message keeps to the bound of all others; it is counted only where that is close. */
function isSendable(message: Message): boolean {
  const chars = [...message.around, ...message.texts].reduce((sum, { length }) => sum + length, 0);
  if (chars * MAX_SPELLING <= MAX_OUTCOME_CHARS) return true;
  let spelled = 0;
  for (const piece of piecesOf(message)) {
    spelled += piece.length;
    if (spelled > MAX_OUTCOME_CHARS) return false;
  }
  return true;
}

function piecesOf({ around, texts }: Message): Pieces {
  return {
    *[Symbol.iterator]() {
      for (const [place, part] of around.entries()) {
        if (place % 2 === 0) yield part;
        else yield* spelled(texts[Number(part)] ?? '');
      }
    },
  };
}

/** The inside of a JSON string. A pair of surrogates that is cut in two is spelled as escapes. */
function* spelled(text: string): Iterable<string> {
  for (let start = 0; start < text.length; start += PIECE_CHARS) {
    yield JSON.stringify(text.slice(start, start + PIECE_CHARS)).slice(1, -1);
  }
}
