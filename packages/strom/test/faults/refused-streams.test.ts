/** What is refused before it is a stream is none, and is forgotten at once. */
import { describe, expect, it } from 'vitest';
import { BODY_HEADERS } from '../harness/mcp-request.ts';
import { startVictim } from './support/victim.ts';

const KEEP_ALIVE_MS = 50;

describe('S06: a plain stream that is refused', () => {
  it.each([
    ['its log level is none', '/stream/tick?logLevel=loud', '{}'],
    ['there is no such tool', '/stream/none', '{}'],
    ['its arguments are none', '/stream/tick', '[]'],
    ['its tool fails at once', '/stream/throws', '{}'],
  ])('is asked for no sign of life later: %s', async (_, target, body) => {
    await using server = await startVictim({ run: { keepAliveMs: KEEP_ALIVE_MS } });
    const answer = await server.send({ target, headers: BODY_HEADERS, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    // Lasts for a few rounds.
    const hanging = await server.send({ target: '/stream/hangs' });
    expect(hanging.body).toContain('error');
  });
});
