import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Strom } from '../../src/serve/strom.ts';
import { serveStdio } from '../../src/transports/stdio/serve-stdio.ts';
import '../faults/support/base-line.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { initializeBody, modernMeta, sessionBody } from '../harness/mcp-request.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function makeServer(logger: LogRecorder): Strom {
  const strom = new Strom({ name: 'tested', version: '1.0.0', logger });
  strom.tool('quick', { description: 'Answers at once' }, () => 'done');
  strom.tool('throws', { description: 'Fails' }, () => Promise.reject(new TypeError('x')));
  strom.tool('steps', { description: 'Speaks' }, async (_, ctx) => {
    for (let step = 1; step <= 3; step += 1) {
      void ctx.progress(step);
      void ctx.info(step);
      await turn();
    }
  });
  strom.tool('asks', { description: 'Asks' }, async (_, ctx) => {
    const form = { type: 'object', properties: { n: { type: 'number' } } } as const;
    return (await ctx.ask('n?', form)).action;
  });
  return strom;
}

type Step =
  | { readonly kind: 'request'; readonly method: string; readonly tool: string; modern: boolean }
  | { readonly kind: 'cancel'; readonly back: number }
  | { readonly kind: 'answer'; readonly result: unknown }
  | { readonly kind: 'junk'; readonly text: string }
  | { readonly kind: 'turn' };

const METHODS = ['tools/list', 'ping', 'initialize', 'server/discover', 'tasks/get', 'none'];
const RESULTS = [{ action: 'accept', content: { n: 1 } }, { action: 'accept', content: 5 }, {}, 5];
const JUNK = ['{', '[]', '5', '"x"', '[[]]', '{"jsonrpc":"2.0","result":{}}', '[5]', '\u0000'];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: callOf() },
  fc.record({ kind: fc.constant('cancel' as const), back: fc.nat(3) }),
  fc.record({ kind: fc.constant('answer' as const), result: fc.constantFrom(...RESULTS) }),
  fc.record({ kind: fc.constant('junk' as const), text: fc.constantFrom(...JUNK) }),
  fc.constant({ kind: 'turn' as const }),
);

function callOf(): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant('request' as const),
    method: fc.constantFrom('tools/call', 'tools/call', 'tools/call', ...METHODS),
    tool: fc.constantFrom('quick', 'throws', 'steps', 'asks', 'unknown'),
    modern: fc.boolean(),
  });
}

/** A peer that does as it is told, and takes down what it is told. */
class Peer {
  readonly input = new PassThrough();
  readonly asked = new Set<number>();
  readonly cancelled = new Set<number>();
  readonly answered: unknown[] = [];
  readonly late: unknown[] = [];
  readonly #questions: unknown[] = [];
  #lastId = 0;

  /** Everything that is written, at once. */
  write(text: string): boolean {
    for (const line of text.split('\n').filter((each) => each !== '')) this.#take(JSON.parse(line));
    return true;
  }

  on(): void {
    // It always reads on, and never goes.
  }

  #take(message: { id?: unknown; method?: string; params?: { progressToken?: unknown } }): void {
    const token = message.params?.progressToken;
    if (message.method === undefined && message.id !== undefined) this.answered.push(message.id);
    else if (message.id !== undefined) this.#questions.push(message.id);
    else if (this.answered.includes(token)) this.late.push(token);
  }

  async do(step: Step): Promise<void> {
    if (step.kind === 'turn') await turn();
    else this.input.write(`${this.#textOf(step)}\n`);
  }

  #textOf(step: Exclude<Step, { kind: 'turn' }>): string {
    if (step.kind === 'junk') return step.text;
    if (step.kind === 'answer') {
      const id = this.#questions.shift() ?? 'nobody';
      return JSON.stringify({ jsonrpc: '2.0', id, result: step.result });
    }
    if (step.kind === 'cancel') {
      const requestId = Math.max(1, this.#lastId - step.back);
      this.cancelled.add(requestId);
      const method = 'notifications/cancelled';
      return JSON.stringify({ jsonrpc: '2.0', method, params: { requestId } });
    }
    this.#lastId += 1;
    this.asked.add(this.#lastId);
    const meta = { progressToken: this.#lastId, ...(step.modern ? modernMeta() : {}) };
    const params = { name: step.tool, taskId: 'none', _meta: meta };
    return sessionBody(step.method, params, this.#lastId);
  }

  /** Answers what is still asked, until nothing is open. */
  async settle(): Promise<void> {
    for (const endMs = performance.now() + 5_000; performance.now() < endMs; ) {
      await this.do({ kind: 'answer', result: { action: 'decline' } });
      await turn();
      const open = [...this.asked].filter((id) => !this.answered.includes(id));
      if (open.every((id) => this.cancelled.has(id))) return;
    }
  }
}

describe('I01: one connection on which everything is mixed', () => {
  it('has one answer for each request, none for what it did not ask, and nothing after it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const peer = new Peer();
        const logs = new LogRecorder();
        const served = serveStdio(makeServer(logs), { input: peer.input, output: peer });
        const open = JSON.parse(initializeBody('2025-11-25'));
        open.params.capabilities = { elicitation: {} };
        peer.input.write(`${JSON.stringify(open)}\n`);
        for (const each of steps) await peer.do(each);
        await peer.settle();
        const ids = peer.answered.filter((id) => id !== 0);
        expect(new Set(ids).size).toBe(ids.length);
        const missing = [...peer.asked].filter((id) => !ids.includes(id));
        expect(missing.filter((id) => !peer.cancelled.has(id))).toEqual([]);
        expect(ids.filter((id) => !peer.asked.has(id as number))).toEqual([]);
        expect(peer.late).toEqual([]);
        served.close();
        await served.closed;
        const failures = logs.at('error').filter(({ message }) => message !== 'a handler failed');
        expect(failures).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
