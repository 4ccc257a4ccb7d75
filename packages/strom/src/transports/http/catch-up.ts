import { StromError } from '../../base/strom-error.ts';
import type { Outbox } from '../../calls/outbox.ts';
import { encodeSseJson } from '../../protocol/sse-encode.ts';
import type { ReplayBuffer } from '../../session/replay-buffer.ts';
import type { StreamJournal } from '../../session/stream-journal.ts';

/** A stream that is written while a reader catches up with it. */
export interface CatchUpSource {
  readonly streamId: string;
  /** Absent where only the prelude is to be sent. */
  readonly journal: StreamJournal | undefined;
  readonly replay: ReplayBuffer;
  /** The number of the newest event. */
  newest(): number;
  /** Whether the newest event is a long message that is at hand; another stands for it in the journal. */
  endsLong(): boolean;
}

export interface CatchUpOptions {
  /** What the reader gets before anything else. */
  readonly opening: string;
  /** What comes before the events of the stream. */
  readonly prelude?: AsyncIterable<string> | undefined;
  /** The last event the reader has seen. */
  readonly after: number;
  /** Called in the same turn in which the reader has been given everything. */
  readonly caughtUp: () => void;
}

const PAGE = 64;

/**
 * Sends what a reader has missed: from the store what memory does not have any more, at the pace of
 * the reader. Ends early when the outbox is closed.
 *
 * @throws {StromError} `ERR_STORE`
 */
export async function catchUp(
  outbox: Outbox,
  source: CatchUpSource,
  options: CatchUpOptions,
): Promise<void> {
  // An event id must not reach a client before the store knows the stream it names.
  if (source.journal?.isReady === false) await source.journal.flushed();
  await outbox.push(options.opening, 'keep', source);
  for await (const frames of options.prelude ?? []) {
    if (outbox.closed) return;
    await outbox.push(frames, 'keep', source);
  }
  let at = options.after;
  while (!outbox.closed) {
    const rest = restInMemory(source, at);
    if (rest !== undefined) {
      if (rest !== '') void outbox.push(rest, 'keep', source);
      options.caughtUp();
      return;
    }
    at = await sendPage(outbox, source, at);
  }
}

function restInMemory(source: CatchUpSource, at: number): string | undefined {
  const { replay, streamId, journal, newest } = source;
  const rest = replay.between(streamId, at, source.endsLong() ? newest() - 1 : newest());
  if (rest !== undefined || journal?.isBroken === false) return rest;
  // What is in neither place is lost; the number of the next event tells the client so.
  return replay
    .after(streamId, at)
    .map(({ frame }) => frame)
    .join('');
}

/** @returns the number of the last event that was sent */
async function sendPage(outbox: Outbox, source: CatchUpSource, at: number): Promise<number> {
  const { journal, streamId, newest } = source;
  const written = (await journal?.read(at, PAGE)) ?? [];
  if (written.length === 0) await journal?.flushed();
  const entries = written.length > 0 ? written : ((await journal?.read(at, PAGE)) ?? []);
  if (entries.length === 0) throw new StromError('ERR_STORE', 'a stream is gone from the store');
  const told = source.endsLong() ? entries.filter(({ seq }) => seq < newest()) : entries;
  const frames = told
    .filter(({ message }) => message !== '')
    .map(({ seq, message }) => encodeSseJson(message, `${streamId}-${seq}`));
  await outbox.push(frames.join(''), 'keep', source);
  return told.at(-1)?.seq ?? newest() - 1;
}
