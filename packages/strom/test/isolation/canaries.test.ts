import { describe, expect, it } from 'vitest';
import type { Strom } from '../../src/serve/strom.ts';
import { META_PREFIX, MODERN, modernBody } from '../harness/mcp-request.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import '../faults/support/base-line.ts';

const CALLERS = 50;
const STEPS = 5;

/** Waits between steps so that the calls of all callers interleave. */
function register(strom: Strom): void {
  strom.tool(
    'whisper',
    {
      description: 'Repeats a canary in everything it says',
      input: { type: 'object', properties: { canary: { type: 'string' } } },
    },
    async ({ canary }, ctx) => {
      for (let step = 1; step <= STEPS; step += 1) {
        await ctx.progress(step, STEPS, `progress ${String(canary)}`);
        await ctx.info(`log ${String(canary)}`);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      }
      return `result ${String(canary)}`;
    },
  );
}

function headersOf(method: string, name?: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': MODERN,
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': name }),
  };
}

/** Every caller uses the same request id and the same progress token. */
async function whisper(server: Started, canary: string): Promise<string> {
  const body = modernBody('tools/call', {
    name: 'whisper',
    arguments: { canary },
    _meta: { progressToken: 'same', [`${META_PREFIX}logLevel`]: 'info' },
  });
  const headers = headersOf('tools/call', 'whisper');
  const answer = await fetch(server.url, { method: 'POST', headers, body });
  return answer.text();
}

async function whisperInSession(server: Started, canary: string): Promise<string> {
  const json = { 'content-type': 'application/json', accept: headersOf('x')['accept'] ?? '' };
  const opened = await fetch(server.url, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} },
    }),
  });
  await opened.text();
  const session = opened.headers.get('mcp-session-id') ?? '';
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: { ...json, 'mcp-session-id': session },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'whisper', arguments: { canary }, _meta: { progressToken: 'same' } },
    }),
  });
  return answer.text();
}

function canariesIn(text: string): Set<string> {
  return new Set(text.match(/canary-\d+/g));
}

describe('I01: callers with equal ids and equal progress tokens', () => {
  it.each([
    ['stateless', whisper],
    ['in sessions', whisperInSession],
  ])('get their own bytes and nobody else’s, %s', async (_era, send) => {
    await using server = await startStrom(register);
    const names = Array.from({ length: CALLERS }, (_, index) => `canary-${index}`);
    const texts = await Promise.all(names.map((canary) => send(server, canary)));
    for (const [index, text] of texts.entries()) {
      expect(canariesIn(text)).toEqual(new Set([`canary-${index}`]));
      expect(text.match(/notifications\/progress/g)).toHaveLength(STEPS);
      expect(text.match(/notifications\/message/g)).toHaveLength(STEPS);
      expect(text).toContain(`result canary-${index}`);
    }
  });

  it('hear only of the changes they asked for, under equal subscription ids', async () => {
    await using server = await startStrom((strom) => {
      for (let index = 0; index < 10; index += 1) {
        strom.resource(`test://canary-${index}`, { name: `r${index}` }, () => 'x');
      }
    });
    const readers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const notifications = { resourceSubscriptions: [`test://canary-${index}`] };
        const answer = await fetch(server.url, {
          method: 'POST',
          headers: headersOf('subscriptions/listen'),
          body: modernBody('subscriptions/listen', { notifications }, 'same'),
        });
        const reader = new SseReader(answer);
        expect(await reader.data()).toContain('subscriptions/acknowledged');
        return reader;
      }),
    );
    for (let index = 0; index < 10; index += 1) {
      server.strom.notify.resourceUpdated(`test://canary-${index}`);
    }
    await server.running.close();
    for (const [index, reader] of readers.entries()) {
      await reader.rest();
      expect(canariesIn(reader.text)).toEqual(new Set([`canary-${index}`]));
      expect(reader.text.match(/"method":"notifications\/resources\/updated"/g)).toHaveLength(1);
      // The graceful end: the response to the listen request itself.
      expect(reader.text).toContain('"resultType":"complete"');
    }
  });
});
