import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type LineOutput, serveStdio } from '../../../src/transports/stdio/serve-stdio.ts';
import { eachLine } from '../../harness/each-line.ts';
import { makeFixture } from '../../harness/fixture-server.ts';
import { initializeBody, modernBody, sessionBody } from '../../harness/mcp-request.ts';

/** A reader that takes lines only while it wants to. */
class SlowOutput implements LineOutput {
  readonly lines: string[] = [];
  readonly pieces: string[] = [];
  isReading = true;
  #drain = (): void => undefined;

  write(text: string): boolean {
    this.pieces.push(text);
    this.lines.push(...text.split('\n').filter((line) => line !== ''));
    return this.isReading;
  }

  on(event: 'drain' | 'error' | 'close', listener: () => void): void {
    if (event === 'drain') this.#drain = listener;
  }

  catchUp(): void {
    this.isReading = true;
    this.#drain();
  }

  /** Takes what was written, and nothing more. */
  takeOne(): void {
    this.#drain();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('serveStdio', () => {
  it('takes no more questions in while answers pile up, and goes on when they are read', async () => {
    const input = new PassThrough();
    const output = new SlowOutput();
    const served = serveStdio(makeFixture(), { input, output });
    output.isReading = false;
    let asked = 0;
    while (!input.isPaused() && asked < 50_000) {
      input.write(`${modernBody('tools/call', { name: 'hello' }, asked)}\n`);
      asked += 1;
      if (asked % 100 === 0) await turn();
    }
    expect(input.isPaused()).toBe(true);
    expect(asked).toBeLessThan(20_000);
    output.catchUp();
    while (output.lines.length < asked) await turn();
    expect(input.isPaused()).toBe(false);
    const ids = output.lines.map((line) => JSON.parse(line).id);
    expect(new Set(ids).size).toBe(asked);
    served.close();
    await served.closed;
  });

  it('gives a long line to the end, and nothing in between, also when its input ends', async () => {
    const input = new PassThrough();
    const output = new SlowOutput();
    const text = 'long "line"\n'.repeat(100_000);
    const strom = makeFixture();
    strom.tool('long', { description: 'Returns a long text' }, () => text);
    const served = serveStdio(strom, { input, output });
    output.isReading = false;
    for (const [id, name] of ['long', 'hello', 'long'].entries()) {
      input.write(`${modernBody('tools/call', { name }, id)}\n`);
    }
    while (output.pieces.length === 0) await turn();
    const atOnce = output.pieces.length;
    for (let taken = 0; taken < 10; taken += 1) output.takeOne();
    expect(output.pieces.length).toBeLessThanOrEqual(atOnce + 10);
    input.end();
    await served.closed;
    const [line, ...others] = output.pieces.join('').split('\n');
    expect(JSON.parse(line ?? '').result.content[0].text === text).toBe(true);
    expect(others.filter((other) => other !== '').every((other) => JSON.parse(other))).toBe(true);
  });

  it('answers a batch although one of it is of a revision without batches, and would stay open', async () => {
    const input = new PassThrough();
    const output = new SlowOutput();
    const served = serveStdio(makeFixture(), { input, output });
    input.write(`${initializeBody('2025-03-26')}\n`);
    const listen = modernBody('subscriptions/listen', { notifications: {} }, 1);
    input.write(`[${listen},${sessionBody('ping', {}, 2)}]\n`);
    while (output.lines.length < 2) await turn();
    const answers = JSON.parse(output.lines[1] ?? '');
    expect(answers).toMatchObject([
      { id: 1, error: { code: -32600 } },
      { id: 2, result: {} },
    ]);
    served.close();
    await served.closed;
  });

  it('cancels what runs when its input ends', async () => {
    const input = new PassThrough();
    const output = new SlowOutput();
    const strom = makeFixture();
    const served = serveStdio(strom, { input, output });
    input.write(`${modernBody('tools/call', { name: 'wait', _meta: { progressToken: 1 } })}\n`);
    while (output.lines.length === 0) await turn();
    input.end();
    await served.closed;
    const lines: string[] = [];
    const local = strom.connectLocal(eachLine((line) => lines.push(line)));
    local.send(modernBody('tools/call', { name: 'why' }));
    while (lines.length === 0) await turn();
    expect(lines[0]).toContain('ERR_PEER_GONE');
    expect(output.lines).toHaveLength(1);
    local.close();
  });
});
