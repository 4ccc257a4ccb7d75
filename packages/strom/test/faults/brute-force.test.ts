import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { type RawAnswer, RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim, type Victim } from './support/victim.ts';

const [ann, bob] = [createApiKey({ name: 'ann' }), createApiKey({ name: 'bob' })];
const ATTACKER = '127.0.0.2';
const ELSEWHERE = '127.0.1.1';
const PIPELINED = 100;
/** Short, so that what was counted is forgotten by the time the server is compared with its base line. */
const WINDOW_MS = 3000;
const ALLOWED = 100;

function start(): Promise<Victim> {
  return startVictim({
    run: { rateLimits: { failedAuth: { requests: ALLOWED, perMs: WINDOW_MS } } },
    keys: [ann.record, bob.record],
    key: bob.key,
  });
}

function withKey(port: number, key: string): Buffer {
  const { headers = [], ...call } = modernCall('echo', { text: 'hello' });
  return rawRequest(port, { ...call, headers: [...headers, ['Authorization', `Bearer ${key}`]] });
}

/** How many attempts may have failed by now without being too many. */
function allowedSince(startMs: number): number {
  return ALLOWED * (1 + Math.floor((performance.now() - startMs) / WINDOW_MS));
}

/** Another key of the right form. */
function guessed(attempt: number): string {
  return `strom_${attempt.toString(16).padStart(12, '0')}_${'x'.repeat(43)}`;
}

/** A wrong secret for a key there is. */
function wrong(attempt: number): string {
  return `${ann.key.slice(0, 19)}${String(attempt).padStart(43, 'x')}`;
}

/** Tries keys from an address, many to a connection. */
async function attack(server: Victim, from: string, keys: readonly string[]) {
  const answers: RawAnswer[] = [];
  await using connection = await RawConnection.open(server.port, '127.0.0.1', from);
  for (let at = 0; at < keys.length; at += PIPELINED) {
    const batch = keys.slice(at, at + PIPELINED);
    connection.write(Buffer.concat(batch.map((key) => withKey(server.port, key))));
    for (const _ of batch) answers.push(await connection.answer());
  }
  return answers;
}

async function tryOnce(server: Victim, from: string, key: string): Promise<number> {
  const [answer] = await attack(server, from, [key]);
  return answer?.status ?? 0;
}

const many = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('A10: ten thousand keys tried from one address', { timeout: 90_000 }, () => {
  it('are answered 429 with Retry-After, and nobody else suffers', async () => {
    await using server = await start();
    const attackMs = performance.now();
    const answers = await attack(server, ATTACKER, many(10_000, guessed));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(10_000 - allowedSince(attackMs));
    expect(refused.length).toBeLessThanOrEqual(10_000 - ALLOWED);
    for (const { headers } of refused) {
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(WINDOW_MS / 1000);
    }
    expect(answers.every(({ status }) => status === 401 || status === 429)).toBe(true);
    expect(await tryOnce(server, ELSEWHERE, bob.key)).toBe(200);
    expect(await tryOnce(server, ELSEWHERE, guessed(1))).toBe(401);
    // Whoever has a key is let in, whatever others do behind the same address.
    expect(await tryOnce(server, ATTACKER, bob.key)).toBe(200);
  });
});

describe('A10: one key tried from many addresses', { timeout: 90_000 }, () => {
  it('is answered 429 by its prefix, and its holder is let in', async () => {
    await using server = await start();
    const attackMs = performance.now();
    const statuses: number[] = [];
    for (let host = 2; host < 255; host += 1) {
      const answers = await attack(server, `127.0.0.${host}`, many(10, wrong));
      statuses.push(...answers.map(({ status }) => status));
    }
    expect(statuses.slice(0, ALLOWED)).toEqual(new Array(ALLOWED).fill(401));
    const refused = statuses.filter((status) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(statuses.length - allowedSince(attackMs));
    expect(refused.length).toBeGreaterThan(0);
    expect(await tryOnce(server, ATTACKER, ann.key)).toBe(200);
    expect(await tryOnce(server, ELSEWHERE, bob.key)).toBe(200);
  });
});
