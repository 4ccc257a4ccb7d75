import { Readable, Writable } from 'node:stream';
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
    const { stdout: json } = await report(started.url, '--json');
    expect(JSON.parse(json)).toHaveLength(2);
    for (const client of clients) await client.close();
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
