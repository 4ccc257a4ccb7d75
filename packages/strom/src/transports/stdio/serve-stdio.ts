/**
 * stdio: one message a line on the standard streams of a process.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 * @module
 */
import type { Readable } from 'node:stream';
import { type Clock, SYSTEM_CLOCK } from '../../base/clock.ts';
import { LOCAL_PRINCIPAL } from '../../base/principal.ts';
import { publicError, type StromError } from '../../base/strom-error.ts';
import type { Dispatcher } from '../../calls/dispatcher.ts';
import { droppedLogs } from '../../calls/dropped-logs.ts';
import { LongMessages } from '../../calls/long-messages.ts';
import type { Observer } from '../../calls/observer.ts';
import {
  DEFAULT_OUTBOX_LIMITS,
  Outbox,
  type OutboxLimits,
  type OutboxTarget,
} from '../../calls/outbox.ts';
import { SharedStream } from '../../calls/shared-stream.ts';
import { encodeLog } from '../../protocol/encode-event.ts';
import { decodeUtf8 } from '../../protocol/parse-message.ts';
import { DuplexConnection } from '../../session/duplex-connection.ts';
import { ByteLines } from './byte-lines.ts';

/** The writing half of a stream, and no more of it. */
export interface LineOutput {
  /** `false` when the reader is behind and `drain` will follow. */
  write(text: string): boolean;
  on(event: 'drain' | 'error' | 'close', listener: () => void): unknown;
}

export interface StdioStreams {
  readonly input: Readable;
  readonly output: LineOutput;
  readonly observer?: Observer | undefined;
  readonly limits?: OutboxLimits;
  /** Time, for tests. Default: the host's. */
  readonly clock?: Clock;
}

export interface ServedStdio {
  /** Resolves when the input has ended, the output is broken, or `close` was called. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Longest line in bytes: the body limit of HTTP holds here too. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Serves one peer on a pair of streams until its input ends. */
export function serveStdio(dispatcher: Dispatcher, streams: StdioStreams): ServedStdio {
  const { input, output, observer, limits = DEFAULT_OUTBOX_LIMITS, clock = SYSTEM_CLOCK } = streams;
  const gauge = observer?.queue;
  const target: OutboxTarget = {
    write: (text) => output.write(text),
    end: (_, more = []) => {
      for (const piece of more) output.write(piece);
    },
  };
  const longMessages = new LongMessages(target, gauge);
  const droppedNotice = (count: number): string => `${encodeLog(droppedLogs(count))}\n`;
  const outbox = new Outbox(longMessages, { limits, gauge, droppedNotice });
  const frame = (message: string): string => `${message}\n`;
  const stream = new SharedStream(outbox, { frame, clock, longMessages });
  const isOverfull = (): boolean => outbox.isOverfull || longMessages.isOverfull;
  const connection = new DuplexConnection({
    dispatcher,
    principal: LOCAL_PRINCIPAL,
    openChannel: () => stream.openChannel(),
    observe: observer?.over('stdio'),
  });
  const lines = new ByteLines({
    maxLineBytes: MAX_LINE_BYTES,
    onLine: (line) => receiveLine(connection, line),
    onOverlong: () =>
      connection.refuse(publicError('ERR_FRAME_TOO_LARGE', 'The line exceeds 4 MiB')),
  });
  const read = (chunk: Buffer): void => {
    lines.push(chunk);
    // Answers are never dropped: a peer that does not take them gets no more questions in.
    if (isOverfull()) input.pause();
  };
  let isBroken = false;
  return {
    closed: new Promise((resolve) => {
      const finish = (): void => {
        input.off('data', read);
        connection.close();
        stream.flush();
        outbox.flushTurn();
        // A reader who asked for one thing and closed is owed the whole line.
        if (!isBroken) longMessages.end('');
        outbox.gone();
        // Where the output broke first, an open input would keep the process alive.
        input.destroy();
        resolve();
      };
      output.on('drain', () => {
        longMessages.drained();
        if (!isOverfull()) input.resume();
      });
      const breakOff = (): void => {
        isBroken = true;
        finish();
      };
      output.on('error', breakOff);
      output.on('close', breakOff);
      input.on('data', read);
      input.once('end', finish);
      input.once('close', finish);
    }),
    close: () => input.destroy(),
  };
}

function receiveLine(connection: DuplexConnection, line: Uint8Array): void {
  try {
    const text = decodeUtf8(line);
    if (text.trim() !== '') connection.receive(text);
  } catch (error) {
    connection.refuse(error as StromError);
  }
}
