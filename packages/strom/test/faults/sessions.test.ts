import { describe, expect, it } from 'vitest';
import { BODY_HEADERS, initializeBody, modernCall, sessionBody } from '../harness/mcp-request.ts';
import { type RawAnswer, RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { endSession, openSession } from './support/session.ts';
import { startVictim } from './support/victim.ts';

const JSON_TYPE = ['Content-Type', 'application/json'] as const;

const REQUESTS = [
  { method: 'POST', body: sessionBody('ping') },
  { method: 'GET' },
  { method: 'DELETE' },
] as const;

/** Ids that look like a known one. */
function nearMisses(known: string): string[] {
  const last = known.endsWith('0') ? '1' : '0';
  return [
    known.slice(0, -1),
    `${known.slice(0, -1)}${last}`,
    `${known}0`,
    `${known.toUpperCase()}X`,
    '1',
    '0'.repeat(known.length),
    'x'.repeat(4000),
  ];
}

describe('I02: session ids', () => {
  it('hold at least 128 random bits in visible ASCII, and never repeat', async () => {
    await using server = await startVictim();
    const opened: RawAnswer[] = [];
    await using connection = await RawConnection.open(server.port);
    const request = rawRequest(server.port, {
      headers: [JSON_TYPE],
      body: initializeBody('2025-11-25'),
    });
    for (let count = 0; count < 1000; count += 1) {
      connection.write(request);
      opened.push(await connection.answer());
    }
    const ids = opened.map(({ headers }) => headers.get('mcp-session-id') ?? '');
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]+$/);
    // In each place of the ids every digit turns up about as often as any other.
    const digits = ids.join('');
    const bits = [...new Set(digits)].reduce((sum, digit) => {
      const share = digits.split(digit).length / digits.length;
      return sum - share * Math.log2(share);
    }, 0);
    expect(bits * (ids[0]?.length ?? 0)).toBeGreaterThan(128);
    for (const answer of opened) await endSession(server, answer);
  });

  it('that were guessed lead nowhere, with one and the same answer', async () => {
    await using server = await startVictim();
    await using peer = await openSession(server, '2025-11-25');
    const known = peer.sessionId;
    const ended = await openSession(server, '2025-11-25');
    await ended.terminate();
    const guesses = [ended.sessionId, ...nearMisses(known)];
    const bodies = new Set<string>();
    for (const guess of guesses) {
      const headers = [JSON_TYPE, ['Mcp-Session-Id', guess]] as const;
      for (const request of REQUESTS) {
        const answer = await server.send({ ...request, headers });
        expect(answer.status).toBe(404);
        bodies.add(answer.body.replace('"id":1,', ''));
      }
    }
    expect(bodies.size).toBe(1);
    expect(await peer.ping()).toBe(200);
    await server.checkAlive();
  });
});

describe('I03: sessions somebody else would choose or take', () => {
  it('an id proposed with initialize is not taken', async () => {
    await using server = await startVictim();
    await using alice = await openSession(server, '2025-11-25');
    for (const proposed of ['chosen-by-mallory', alice.sessionId]) {
      const opened = await server.send({
        headers: [JSON_TYPE, ['Mcp-Session-Id', proposed]],
        body: initializeBody('2025-11-25'),
      });
      expect(opened.status).toBe(200);
      expect(opened.headers.get('mcp-session-id')).not.toBe(proposed);
      await endSession(server, opened);
    }
    expect(await alice.ping()).toBe(200);
  });

  it('two ids in one request are refused', async () => {
    await using server = await startVictim();
    await using alice = await openSession(server, '2025-11-25');
    const id = ['Mcp-Session-Id', alice.sessionId] as const;
    const answer = await server.send({ headers: [JSON_TYPE, id, id], body: sessionBody('ping') });
    expect(answer.status).toBe(400);
  });
});

describe('I01: equal ids and tokens of many callers at once', () => {
  const CALLERS = 50;

  it.each(['stateless', '2025-11-25', '2025-03-26'])('stay with their own: %s', async (era) => {
    await using server = await startVictim();
    const texts = await Promise.all(
      Array.from({ length: CALLERS }, async (_, caller) => {
        const canary = `canary-${caller}-`;
        const meta = { progressToken: 'same' };
        if (era === 'stateless')
          return (await server.send(modernCall('tell', { canary }, meta))).body;
        await using peer = await openSession(server, era);
        const params = { name: 'tell', arguments: { canary }, _meta: meta };
        const reader = new SseReader(await peer.post(sessionBody('tools/call', params)));
        await reader.rest();
        return reader.text;
      }),
    );
    for (const [caller, text] of texts.entries()) {
      const canaries = text.match(/canary-\d+-/g) ?? [];
      expect(canaries).toHaveLength(6);
      expect(new Set(canaries)).toEqual(new Set([`canary-${caller}-`]));
    }
    await server.checkAlive();
  });
});

describe('S06: a session that is ended many times at once', () => {
  const open: RawRequest = { headers: BODY_HEADERS, body: initializeBody('2025-06-18') };

  it.each([
    ['without a store', false],
    ['kept in a store', true],
  ])('gives its place back once: %s', async (_, hasStore) => {
    const run = { maxSessions: 4, maxSessionsPerCaller: 2 };
    await using server = await startVictim({ run, hasStore });
    const [first, kept] = [await server.send(open), await server.send(open)];
    const id = kept.headers.get('mcp-session-id') ?? '';
    const end = rawRequest(server.port, { method: 'DELETE', headers: [['Mcp-Session-Id', id]] });
    await using connection = await RawConnection.open(server.port);
    connection.write(Buffer.concat(Array.from({ length: 20 }, () => end)));
    for (let count = 0; count < 20; count += 1) {
      expect([204, 404]).toContain((await connection.answer()).status);
    }
    const again: RawAnswer[] = [];
    for (let count = 0; count < 6; count += 1) again.push(await server.send(open));
    expect(again.map(({ status }) => status)).toEqual([200, 429, 429, 429, 429, 429]);
    await server.checkAlive();
    for (const opened of [first, ...again]) await endSession(server, opened);
  });
});
