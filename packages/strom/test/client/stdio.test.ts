import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../src/base/logger.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import type { CommandTarget } from '../../src/client/target.ts';
import { ManualClock } from './manual-clock.ts';
import '../faults/support/base-line.ts';

const PROGRAM = new URL('peers/raw-stdio.ts', import.meta.url).pathname;

function program(mode = 'session', ...rest: string[]): CommandTarget {
  return {
    command: process.execPath,
    args: ['--import', 'tsx', PROGRAM, mode, ...rest],
    stderr: 'ignore',
  };
}

async function textOf(client: Client, tool: string): Promise<string> {
  const { content } = await client.call(tool);
  return String(content[0]?.['text']);
}

describe('C01, C08: a server started as a program', () => {
  it('is given its arguments untouched, by no shell', async () => {
    const awkward = ['$(touch /tmp/strom-pwned)', '`id`', '; ls', '"', "'", '--flag', ''];
    await using client = await connect(program('session', ...awkward));
    expect(JSON.parse(await textOf(client, 'arguments'))).toEqual(awkward);
  });

  it('inherits no secrets, and gets what it is given', async () => {
    process.env['STROM_TEST_SECRET'] = 'secret';
    await using client = await connect({ ...program(), env: { GIVEN: 'yes' } });
    const environment: Record<string, string> = JSON.parse(await textOf(client, 'environment'));
    delete process.env['STROM_TEST_SECRET'];
    expect(environment['STROM_TEST_SECRET']).toBeUndefined();
    expect(environment).toMatchObject({ GIVEN: 'yes', PATH: process.env['PATH'] });
  });

  it('has its stderr given line by line', async () => {
    const lines: string[] = [];
    const client = await connect({ ...program(), stderr: (line) => void lines.push(line) });
    await client.close();
    expect(lines).toEqual(['ready', 'to serve']);
  });

  it('may print lines that are no messages', async () => {
    const warnings: string[] = [];
    const warn = (_: object, message: string): void => void warnings.push(message);
    await using client = await connect(program(), { logger: { ...SILENT_LOGGER, warn } });
    expect(await textOf(client, 'garbage')).toBe('fine');
    expect(warnings.length).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ['exits, though a process it has started keeps its output open', 'orphan'],
    ['closes its output, though it goes on', 'mute'],
  ])('that %s ends the calls in flight', async (_, tool) => {
    await using client = await connect(program());
    await expect(client.call(tool)).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  it('that sends a line over the bound fails the calls in flight, and serves the next', async () => {
    await using client = await connect(program(), { maxMessageChars: 1_000_000 });
    await expect(client.call('huge')).rejects.toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
    expect(await textOf(client, 'quick')).toBe('quick');
  });

  it('is told when a call is cancelled', async () => {
    await using client = await connect(program());
    const controller = new AbortController();
    const call = client.call('hang', {}, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    expect(JSON.parse(await textOf(client, 'cancelled'))).toHaveLength(1);
  });

  it('that exits fails its calls, and is started again by the next one', async () => {
    await using client = await connect(program());
    const hanging = client.call('hang');
    const exiting = client.call('exit');
    await expect(hanging).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
    await expect(exiting).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(await textOf(client, 'quick')).toBe('quick');
  });

  it('that stays silent on the first question is taken for an old one', async () => {
    await using client = await connect(program('silent'), { probeTimeoutMs: 20 });
    expect(client.server.era).toBe('session');
    expect(await textOf(client, 'quick')).toBe('quick');
  });

  it('that will not leave is ended', async () => {
    const clock = new ManualClock();
    const client = await connect(program('stubborn'), { clock });
    const closing = client.close();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await clock.whenTimer((delayMs) => delayMs === 2_000);
      clock.advance(2_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closing;
  });

  it('that cannot be started is a clear error', async () => {
    const attempt = connect({ command: '/nonexistent/program' });
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });

  it('that exits at once is a clear error', async () => {
    const attempt = connect({ command: process.execPath, args: ['-e', 'process.exit(7)'] });
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });
});

describe('one channel for several calls', () => {
  it('is slowed down by a reader that takes its time', async () => {
    await using client = await connect(program());
    let last = 0;
    for await (const item of client.stream('flood')) {
      if (item.kind !== 'progress') continue;
      expect(item.progress).toBe(last + 1);
      last = item.progress;
      await new Promise((resolve) => setImmediate(resolve));
      if (last === 500) break;
    }
    // What was read, and what the buffers on the way can hold.
    expect(Number(await textOf(client, 'written'))).toBeLessThan(8 * 1024 * 1024);
  });

  it('serves a second call while the first one is not read at all', async () => {
    await using client = await connect(program());
    let last = 0;
    for await (const item of client.stream('flood')) {
      if (item.kind !== 'progress') continue;
      expect(item.progress).toBeGreaterThan(last);
      last = item.progress;
      if (last > 1) break;
      expect(await textOf(client, 'quick')).toBe('quick');
      expect(await textOf(client, 'quick')).toBe('quick');
    }
  });
});
