import { describe, expect, it } from 'vitest';
import {
  BODY_HEADERS,
  initializeBody,
  modernBody,
  modernHeaders,
  sessionBody,
} from '../harness/mcp-request.ts';
import { jsonOf, rpcCodeOf } from '../harness/raw-http.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { openSession } from './support/session.ts';
import { startVictim } from './support/victim.ts';

/** Valid JSON that nothing can be made a text of: `String(…)` throws. */
const NO_TEXT = { toString: 1, valueOf: 1 };
const ANSWER = { jsonrpc: '2.0', id: 1, error: { code: 1, message: NO_TEXT } };

const REQUESTS: readonly [string, Record<string, unknown>][] = [
  ['tools/call', { name: NO_TEXT, arguments: {} }],
  ['prompts/get', { name: NO_TEXT }],
  ['resources/read', { uri: NO_TEXT }],
  ['completion/complete', completion({ type: 'ref/prompt', name: NO_TEXT })],
  ['completion/complete', completion({ type: 'ref/resource', uri: NO_TEXT })],
  ['tools/list', { cursor: NO_TEXT }],
];

function completion(ref: unknown): Record<string, unknown> {
  return { ref, argument: { name: 'a', value: 'b' } };
}

describe('P07: objects where a text belongs', () => {
  it.each(REQUESTS)('are wrong parameters of %s in every era', async (method, params) => {
    await using server = await startVictim();
    const modern = await server.send({
      headers: modernHeaders(method),
      body: modernBody(method, params),
    });
    expect(rpcCodeOf(modern)).toBe(-32602);
    await using peer = await openSession(server, '2025-06-18');
    const response = await peer.post(sessionBody(method, params));
    expect(await response.json()).toMatchObject({ error: { code: -32602 } });
    expect(await server.logs('error')).toEqual([]);
    await server.checkAlive();
  });

  it('do no harm in answers to the server', async () => {
    await using server = await startVictim({ run: { transport: 'sse' } });
    await using peer = await openSession(server, '2025-06-18');
    expect((await peer.post(JSON.stringify(ANSWER))).status).toBe(202);
    const reader = new SseReader(await fetch(`${server.origin}/sse`));
    const { data: target } = (await reader.next()) ?? { data: '' };
    const post = (body: string) => server.send({ target, headers: BODY_HEADERS, body });
    expect((await post(JSON.stringify(ANSWER))).status).toBe(202);
    expect((await post(initializeBody('2024-11-05'))).status).toBe(202);
    // Nothing was said to the answer.
    expect(jsonOf({ body: (await reader.next())?.data ?? '' })).toMatchObject({
      id: 0,
      result: {},
    });
    await reader.cancel();
    expect(await server.logs('error')).toEqual([]);
    await server.checkAlive();
  });
});
