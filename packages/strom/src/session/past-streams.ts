/**
 * The streams of a session that were written by processes which no longer hold it. They can be read
 * to their end; what was still to come on them has been lost with their process, and those who wait
 * for it are told so.
 *
 * @module
 */
import { isJsonObject, ownValue } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import { encodeErrorResponse } from '../protocol/encode-error.ts';
import { encodeSseJson } from '../protocol/sse-encode.ts';
import {
  type SessionStore,
  STREAM_FENCE,
  type StreamRecord,
  streamJournal,
} from './session-store.ts';
import { type Entry, toEntry } from './stream-journal.ts';

/** What a stream is for: the requests it answers; none for the session's own. */
export interface StreamFacts {
  /** The ids of the requests as they were written. */
  readonly requests: readonly string[];
  /** Whether the answers leave together, as a batch. */
  readonly isBatch: boolean;
}

/** Event ids of what was written in the place of a process end with it, as no others do. */
const BY_ANOTHER = 'x';
const PAGE = 64;
const MANY_OWN = 8;
const MANY_ANSWERS = 64;

export class PastStreams {
  readonly #store: SessionStore;
  readonly #sessionId: string;
  readonly #records: ReadonlyMap<string, StreamRecord>;
  readonly #own: readonly string[];
  readonly #interruptions = new Map<string, Promise<Entry>>();

  /** Of the streams of a session, oldest first, those that are too old to be kept. */
  static surplus(records: readonly StreamRecord[]): readonly StreamRecord[] {
    const own = records.filter(({ facts }) => isOwn(readStreamFacts(facts)));
    const answers = records.filter((record) => !own.includes(record));
    return [...own.slice(0, -MANY_OWN), ...answers.slice(0, -MANY_ANSWERS)];
  }

  /** @param records - oldest first */
  constructor(store: SessionStore, sessionId: string, records: readonly StreamRecord[]) {
    this.#store = store;
    this.#sessionId = sessionId;
    this.#records = new Map(records.map((record) => [record.id, record]));
    this.#own = records.filter(({ facts }) => isOwn(readStreamFacts(facts))).map(({ id }) => id);
  }

  /** Whether the session has had a stream of its own. */
  get hadOwn(): boolean {
    return this.#own.length > 0;
  }

  has(streamId: string): boolean {
    return this.#records.has(streamId);
  }

  /** Whether a stream was the session's own. */
  isOwn(streamId: string): boolean {
    return this.#own.includes(streamId);
  }

  /** Frames of the session's own streams after an event of one of them, those of later ones too. */
  async *own(streamId: string, after: number): AsyncGenerator<string> {
    let at = after;
    for (const id of this.#own.slice(this.#own.indexOf(streamId))) {
      for (;;) {
        const entries = await this.#read(id, at);
        if (entries.length === 0) break;
        yield entries.map((entry) => frame(id, entry)).join('');
        at = entries.at(-1)?.seq ?? at;
      }
      at = 0;
    }
  }

  /**
   * Frames of a stream that answers a request, after an event, up to the answer. If its process did
   * not come to the answer, that is the answer.
   *
   * @param sawEnd - whether the event was an end written by another process
   */
  async *answers(streamId: string, after: number, sawEnd: boolean): AsyncGenerator<string> {
    if (sawEnd) return;
    let at = after;
    for (;;) {
      const entries = await this.#read(streamId, at);
      const end = entries.findIndex(({ kind }) => kind !== 'm');
      const told = end === -1 ? entries : entries.slice(0, end + 1);
      if (told.length > 0) yield told.map((entry) => frame(streamId, entry)).join('');
      if (end !== -1) return;
      at = entries.at(-1)?.seq ?? at;
      if (entries.length > 0) continue;
      if (await this.#isEnd(streamId, at)) return;
      const entry = await this.#interrupt(streamId);
      // The client may have seen events that were never written: their numbers are taken again.
      if (entry.seq > at) continue;
      yield frame(streamId, entry);
      return;
    }
  }

  /** Whether a stream's own process ended it with that event. */
  async #isEnd(streamId: string, seq: number): Promise<boolean> {
    if (seq === 0) return false;
    const [entry] = await this.#read(streamId, seq - 1, 1);
    return entry?.seq === seq && entry.kind === 'e';
  }

  /** Written once, however often a client comes back, and whatever number it says it has seen. */
  #interrupt(streamId: string): Promise<Entry> {
    const known = this.#interruptions.get(streamId);
    if (known !== undefined) return known;
    const made = this.#writeInterruption(streamId);
    this.#interruptions.set(streamId, made);
    made.catch(() => this.#interruptions.delete(streamId));
    return made;
  }

  async #writeInterruption(streamId: string): Promise<Entry> {
    const facts = readStreamFacts(this.#records.get(streamId)?.facts ?? '');
    const message = interruption(facts);
    const name = streamJournal(this.#sessionId, streamId);
    const seq = await this.#store.append(name, STREAM_FENCE, [`x${message}`]);
    return { seq, kind: 'x', message };
  }

  async #read(streamId: string, after: number, limit = PAGE): Promise<readonly Entry[]> {
    const name = streamJournal(this.#sessionId, streamId);
    return (await this.#store.read(name, after, limit)).map(toEntry);
  }
}

export function writeStreamFacts(facts: StreamFacts): string {
  return JSON.stringify(facts);
}

function readStreamFacts(text: string): StreamFacts {
  const value: unknown = text === '' ? undefined : JSON.parse(text);
  if (!isJsonObject(value)) return { requests: [], isBatch: false };
  const requests = ownValue(value, 'requests');
  return {
    requests: Array.isArray(requests) ? requests.map(String) : [],
    isBatch: ownValue(value, 'isBatch') === true,
  };
}

function isOwn({ requests }: StreamFacts): boolean {
  return requests.length === 0;
}

function interruption(facts: StreamFacts): string {
  const reason =
    'The process that ran the call has ended; whether the call had an effect is unknown.';
  return interruptedFor(reason, facts);
}

/** The answer kept for a client that comes back when the true one is kept no longer. */
export function tooLargeToKeep(facts: StreamFacts): string {
  return interruptedFor('The answer was sent, and is too large to be sent again.', facts);
}

function interruptedFor(reason: string, { requests, isBatch }: StreamFacts): string {
  const error = publicError('ERR_INTERRUPTED', reason, {
    code: 'ERR_INTERRUPTED',
    retryable: true,
  });
  const answers = requests.map((idText) => encodeErrorResponse(idText, error));
  return isBatch ? `[${answers.join(',')}]` : (answers[0] ?? '');
}

function frame(streamId: string, { seq, kind, message }: Entry): string {
  if (message === '') return '';
  return encodeSseJson(message, `${streamId}-${seq}${kind === 'x' ? BY_ANOTHER : ''}`);
}
