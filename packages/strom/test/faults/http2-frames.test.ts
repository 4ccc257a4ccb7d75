/** Frames of a client that heeds no rule; those that break one cost it its stream, or its connection. */
import { describe, expect, it } from 'vitest';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import {
  callFrames,
  FLAGS,
  FRAMES,
  frame,
  headerBlock,
  pseudoHeaders,
  RawHttp2,
  uint32,
} from './support/raw-http2.ts';
import { startVictim, type Victim } from './support/victim.ts';

const MAX_STREAMS = 128;
const REFUSED = 7;
const TWO_GIB = 0x7fff_ffff;
ownDataHome();

const start = (run: RunOptions = {}): Promise<Victim> =>
  startVictim({ run: { tls: 'dev', ...run } });

const idOf = (index: number): number => 1 + 2 * index;

describe('N04: more streams at once than the server allows', () => {
  it('are refused one by one, and the others are served', async () => {
    await using server = await start();
    await using client = await RawHttp2.open(server.port);
    const excess = 72;
    for (let index = 0; index < MAX_STREAMS + excess; index += 1) {
      client.write(callFrames(server.port, idOf(index), 'stay'));
    }
    await client.until(() => client.ofType(FRAMES.reset).length === excess);
    const resets = client.ofType(FRAMES.reset);
    expect(resets.map(({ payload }) => payload.readUInt32BE())).toEqual(
      Array.from({ length: excess }, () => REFUSED),
    );
    await expect.poll(() => server.noted('waiting')).toBe(MAX_STREAMS);
    await server.checkAlive();
    await server.letGo();
    await client.until(() => client.ofType(FRAMES.data).length >= MAX_STREAMS);
    const answered = new Set(client.ofType(FRAMES.data).map(({ stream }) => stream));
    expect(answered.size).toBe(MAX_STREAMS);
  });

  it('end the connection where the client goes on all the same, and with it its calls', async () => {
    await using server = await start();
    await using client = await RawHttp2.open(server.port);
    for (let index = 0; index < 10 * MAX_STREAMS; index += 1) {
      client.write(callFrames(server.port, idOf(index), 'hangs'));
    }
    await client.closed;
    await server.checkAlive();
  });
});

/** Makes the server itself reset streams whose calls have begun. */
const MADE_TO_RESET: readonly [string, (stream: number) => Buffer[]][] = [
  ['windows that overflow', (stream) => [windowUpdate(stream), windowUpdate(stream)]],
  ['windows that do not grow', (stream) => [windowUpdate(stream, 0)]],
  ['data behind the end', (stream) => [frame(FRAMES.data, { stream, payload: uint32(0) })]],
  ['headers behind the end', (stream) => [frame(FRAMES.headers, { flags: 5, stream })]],
  ['streams that depend on themselves', (stream) => [priority(stream, stream)]],
];

function windowUpdate(stream: number, by = TWO_GIB): Buffer {
  return frame(FRAMES.windowUpdate, { stream, payload: uint32(by) });
}

function priority(stream: number, parent: number): Buffer {
  const payload = Buffer.concat([uint32(parent), Buffer.from([1])]);
  return frame(FRAMES.priority, { stream, payload });
}

describe('N04: a client that makes the server itself reset streams', () => {
  it.each(MADE_TO_RESET)('loses its connection and its calls: %s', async (_, provoke) => {
    await using server = await start({ stallTimeoutMs: 300 });
    await using client = await RawHttp2.open(server.port);
    for (let index = 0; index < 500; index += 1) {
      const stream = idOf(index);
      client.write(callFrames(server.port, stream, 'hangs'), ...provoke(stream));
    }
    await client.closed;
    // With the client still there, which does not hang up.
    expect(await server.harm()).toEqual([]);
  });
});

const HEADERS = { flags: FLAGS.none, stream: 1 };
const { endHeaders, endStream } = FLAGS;

/** What makes every later frame impossible, or means nothing to a server. */
const FLOODS: readonly [string, (port: number) => Iterable<Buffer>][] = [
  ['SETTINGS', () => repeat(() => frame(FRAMES.settings))],
  ['acknowledgments of nothing', () => repeat(() => frame(FRAMES.settings, { flags: FLAGS.ack }))],
  ['PING', () => repeat(() => frame(FRAMES.ping, { payload: Buffer.alloc(8) }))],
  ['GOAWAY', () => repeat(() => frame(FRAMES.goaway, { payload: Buffer.alloc(108) }))],
  ['PRIORITY', () => repeat((index) => priority(idOf(index), 0))],
  ['unknown frames', () => repeat(() => frame(0x42, { flags: 0xff, payload: Buffer.alloc(64) }))],
  ['CONTINUATION', (port) => headersWithoutEnd(port, (index) => [[`x${index}`, 'y'.repeat(50)]])],
  ['CONTINUATION that is empty', (port) => headersWithoutEnd(port, () => [])],
  ['DATA that is empty', (port) => emptyData(port)],
];

function* repeat(make: (index: number) => Buffer): Generator<Buffer> {
  for (let index = 0; index < 10_000; index += 1) yield make(index);
}

function* headersWithoutEnd(
  port: number,
  lines: (index: number) => [string, string][],
): Generator<Buffer> {
  yield frame(FRAMES.headers, { ...HEADERS, payload: headerBlock(pseudoHeaders(port)) });
  yield* repeat((index) =>
    frame(FRAMES.continuation, { stream: 1, payload: headerBlock(lines(index)) }),
  );
}

function* emptyData(port: number): Generator<Buffer> {
  const block = headerBlock(pseudoHeaders(port));
  yield frame(FRAMES.headers, { flags: endHeaders, stream: 1, payload: block });
  yield* repeat(() => frame(FRAMES.data, { stream: 1 }));
}

describe('N04: floods of frames that cost their sender nothing', () => {
  it.each(FLOODS)('do no harm: %s', async (_, floodOf) => {
    await using server = await start();
    await using client = await RawHttp2.open(server.port);
    for (const bytes of floodOf(server.port)) client.write(bytes);
    await server.checkAlive();
  });
});

describe('P01, H05: a body that HTTP/2 ends in another way than it began', () => {
  const trailers = (lines: [string, string][], flags: number): Buffer =>
    frame(FRAMES.headers, { flags, stream: 1, payload: headerBlock(lines) });
  const open = (port: number): Buffer => {
    const bytes = callFrames(port, 1, 'tick');
    // The last frame says that more will follow.
    bytes[bytes.lastIndexOf(Buffer.from([0, endStream, 0, 0, 0, 1])) + 1] = FLAGS.none;
    return bytes;
  };

  it.each<[string, Buffer]>([
    ['pseudo headers behind it', trailers([[':path', '/other']], endHeaders | endStream)],
    ['headers behind it that are not the end', trailers([['x-a', 'b']], endHeaders)],
    ['a length behind it', trailers([['content-length', '1']], endHeaders | endStream)],
    ['a reset', frame(FRAMES.reset, { stream: 1, payload: uint32(0) })],
  ])('is no body: %s', async (_, end) => {
    await using server = await start();
    await using client = await RawHttp2.open(server.port);
    client.write(open(server.port), end);
    await client.heard();
    await server.checkAlive();
    expect(await server.noted('tick')).toBe(0);
  });
});
