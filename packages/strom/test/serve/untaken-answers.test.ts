import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { cutUntaken } from '../../src/serve/untaken-answers.ts';
import { TestClock } from '../harness/test-clock.ts';

const STALL_MS = 10_000;
const BYTES = 32 * 1024 * 1024;

async function openPair() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [writer] = (await once(server, 'connection')) as [Socket];
  const dispose = async (): Promise<void> => {
    reader.destroy();
    writer.destroy();
    server.close();
    await once(server, 'close');
  };
  return { reader, writer, [Symbol.asyncDispose]: dispose };
}

describe('connections whose reader takes nothing', () => {
  it('are watched while something waits for the reader, and no longer', async () => {
    await using pair = await openPair();
    const { reader, writer } = pair;
    const clock = new TestClock();
    const looks = cutUntaken(new Set([writer]), { stallTimeoutMs: STALL_MS, clock });
    clock.advance(STALL_MS);
    expect(writer.timeout ?? 0).toBe(0);
    reader.pause();
    const taken = new Promise((resolve) => writer.write(Buffer.alloc(BYTES), resolve));
    clock.advance(STALL_MS);
    expect(Math.floor(writer.timeout ?? 0)).toBe(STALL_MS);
    reader.resume();
    await taken;
    clock.advance(STALL_MS);
    expect(writer.timeout).toBe(0);
    looks?.cancel();
    expect(clock.pending).toBe(0);
  });

  it('keep a timeout that somebody else has set', async () => {
    await using pair = await openPair();
    const { reader, writer } = pair;
    const clock = new TestClock();
    cutUntaken(new Set([writer]), { stallTimeoutMs: STALL_MS, clock });
    reader.pause();
    const taken = new Promise((resolve) => writer.write(Buffer.alloc(BYTES), resolve));
    clock.advance(STALL_MS);
    writer.setTimeout(STALL_MS);
    reader.resume();
    await taken;
    clock.advance(STALL_MS);
    expect(writer.timeout).toBe(STALL_MS);
  });

  it('are not watched where there is no bound', () => {
    expect(cutUntaken(new Set(), { stallTimeoutMs: 0, clock: new TestClock() })).toBeUndefined();
  });
});
