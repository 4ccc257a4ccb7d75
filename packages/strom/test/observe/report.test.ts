import { once } from 'node:events';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { destination, pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { connect } from '../../src/entry/client.ts';
import { startStrom } from '../harness/start-strom.ts';

class Kept extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function report(...words: readonly string[]) {
  const stdout = new Kept();
  const stderr = new Kept();
  const exitCode = await runCli(['report', 'migration', ...words], {
    stdin: Object.assign(Readable.from([]), { isTTY: false }) as never,
    stdout: stdout as never,
    stderr: stderr as never,
    env: {},
    clock: SYSTEM_CLOCK,
    version: '0.0.0',
    onSignal: () => () => undefined,
    leave: (code) => {
      throw new Error(`left with ${code}`);
    },
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

describe('strom report migration', () => {
  it('shows who still uses HTTP+SSE or an old revision, and nobody else', async () => {
    const run = { metrics: true, legacySse: true };
    await using started = await startStrom(undefined, { run });
    await started.checkAlive();
    expect((await report(started.url)).stdout).toMatch(/^No old client/);
    const one = { era: 'sse', clientInfo: { name: 'old "one"\u001b[31m', version: '1' } } as const;
    const two = { era: 'session', clientInfo: { name: 'two', version: '1' } } as const;
    const clients = [await connect(`${started.origin}/sse`, one), await connect(started.url, two)];
    for (const client of clients) await client.call('echo', { text: 'x' });
    const { exitCode, stdout } = await report(started.url);
    expect(exitCode).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head?.split(/ {2,}/)).toEqual(['transport', 'revision', 'client', 'requests']);
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 3)).sort()).toEqual([
      ['http-sse', '2025-11-25', 'old "one"\\u001b[31m'],
      ['streamable-http', '2025-11-25', 'two'],
    ]);
    const { stdout: json } = await report('--metrics', started.url, '--json');
    expect(JSON.parse(json)).toHaveLength(2);
    for (const client of clients) await client.close();
  });

  it('reads an access log as well, with versions and the last day', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-report-'));
    const file = path.join(folder, 'access.log');
    const logger = pino(destination({ dest: file, sync: true }));
    await using started = await startStrom(undefined, {
      server: { logger },
      run: { legacySse: true },
    });
    await started.checkAlive();
    for (const version of ['1.0', '1.2']) {
      const clientInfo = { name: 'old "one"\u001b[31m', version };
      const client = await connect(`${started.origin}/sse`, { era: 'sse', clientInfo });
      await client.call('echo', { text: 'x' });
      await client.close();
    }
    await started.running.close();
    const today = new Date().toISOString().slice(0, 10);
    await appendFile(
      file,
      'no JSON\n[]\n{"transport":"http-sse"}\n{"transport":1,"revision":{}}\n',
    );
    const { exitCode, stdout } = await report('--log', file);
    expect(exitCode).toBe(0);
    const [head, ...rows] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(head).toEqual(['transport', 'revision', 'client', 'versions', 'requests', 'last']);
    expect(rows).toEqual([
      [
        'http-sse',
        '2025-11-25',
        'old "one"\\u001b[31m',
        '1.0, 1.2',
        expect.stringMatching(/^\d+$/),
        today,
      ],
    ]);
    const json = JSON.parse((await report('--log', file, '--json')).stdout);
    expect(json).toMatchObject([
      { versions: ['1.0', '1.2'], last: expect.stringContaining(today) },
    ]);
    await rm(folder, { recursive: true });
  });

  it.each([
    ['neither', []],
    ['both', ['http://127.0.0.1:1', '--log', 'x']],
    ['no URL', ['--metrics', 'access.log']],
    ['a file that is not there', ['--log', '/nowhere/access.log']],
    ['a folder', ['--log', '/']],
  ])('wants one source: %s', async (_, words) => {
    const { exitCode, stdout } = await report(...words);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
  });

  it('P11: reads a page that is slow to match at once', async () => {
    const page = `strom_client_requests_total{${'a'.repeat(256 * 1024)}} 1\n`;
    const server = createServer((_, response) => response.end(page)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const before = process.cpuUsage();
      const { exitCode } = await report(`http://127.0.0.1:${port}`);
      const { user, system } = process.cpuUsage(before);
      expect(exitCode).toBe(0);
      expect((user + system) / 1000).toBeLessThan(3000);
    } finally {
      server.close();
    }
  });

  it('says what to do where nothing is counted, and where nobody is', async () => {
    const started = await startStrom();
    const { exitCode, stderr } = await report(started.url);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('metrics: true');
    await started.running.close();
    expect((await report(started.url)).exitCode).toBe(4);
  });
});
