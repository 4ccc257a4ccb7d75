import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../src/base/principal.ts';
import { publicError } from '../../src/base/strom-error.ts';
import { connect } from '../../src/entry/client.ts';
import type { Authenticator } from '../../src/security/authenticator.ts';
import type { LogRecord } from '../harness/log-recorder.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import type { RawRequest } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import '../faults/support/base-line.ts';

const lines = ({ logs }: Started): LogRecord[] =>
  logs.at('info').filter(({ fields }) => 'op' in fields);

const lastLine = (started: Started) => lines(started).at(-1);

describe('L03: the access log', () => {
  it('has one line for a call: who, what, how, and what became of it', async () => {
    await using started = await startStrom((strom) => {
      strom.tool('count', { description: 'Counts' }, async (_, ctx) => {
        await ctx.progress(1);
        await ctx.progress(2);
        return 'secret result';
      });
    });
    const answer = await started.send(
      modernCall('count', { secret: 'argument' }, { progressToken: 1 }),
    );
    expect(lines(started)).toHaveLength(1);
    expect(lastLine(started)).toEqual({
      level: 'info',
      message: 'call',
      fields: {
        who: 'anonymous',
        address: '127.0.0.1',
        op: 'tools/call',
        target: 'count',
        transport: 'streamable-http',
        revision: '2026-07-28',
        client: 'test',
        clientVersion: '1',
        outcome: 'ok',
        status: 200,
        ms: expect.any(Number),
        bytes: expect.any(Number),
        events: 2,
        coalesced: 0,
        dropped: 0,
        correlation: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
    });
    const messages = answer.body.match(/\{.*\}/g)?.join('') ?? '';
    expect(lastLine(started)?.fields['bytes']).toBe(Buffer.byteLength(messages));
  });

  const foreign = modernCall('echo');
  it.each([
    ['a tool nobody knows', modernCall('none'), ['call', 'ERR_UNKNOWN_TOOL']],
    ['a method nobody knows', method('tools/none'), ['call', 'ERR_METHOD_NOT_FOUND']],
    [
      'a foreign host',
      { ...foreign, headers: [['Host', 'evil.example'], ...(foreign.headers ?? [])] as const },
      ['refused', 'ERR_HOST_NOT_ALLOWED'],
    ],
    ['an unknown path', { target: '/none' }, ['refused', 'ERR_PATH_NOT_FOUND']],
    ['no JSON', { headers: modernHeaders('tools/call'), body: '{' }, ['refused', 'ERR_PARSE']],
  ])('tells of %s', async (_, request, told) => {
    await using started = await startStrom();
    await started.send(request);
    expect(lines(started).map(({ message, fields }) => [message, fields['outcome']])).toEqual([
      told,
    ]);
  });

  it('tells what the caller was told, where a result could not be sent', async () => {
    await using started = await startStrom((strom) => {
      strom.tool('vast', { description: 'Says too much' }, () => 'x'.repeat(64 * 1024 * 1024));
      strom.tool('odd', { description: 'Says what JSON cannot' }, () => ({ value: 10n }));
    });
    await started.send(modernCall('vast'));
    await started.send(modernCall('odd'));
    expect(lines(started).map(({ fields }) => fields['outcome'])).toEqual([
      'ERR_RESULT_TOO_LARGE',
      'ERR_INTERNAL',
    ]);
  });

  it('tells of sessions with what their client said of itself', async () => {
    await using started = await startStrom();
    const client = await connect(started.url, {
      era: 'session',
      clientInfo: { name: 'old\u001b[31m\nclient', version: '1' },
    });
    await client.call('echo', { text: 'x' });
    await client.close();
    expect(lines(started).map(({ fields }) => fields['op'])).toEqual(
      expect.arrayContaining(['initialize', 'tools/call', 'DELETE']),
    );
    const call = lines(started).find(({ fields }) => fields['op'] === 'tools/call');
    expect(call?.fields).toMatchObject({
      transport: 'streamable-http',
      revision: '2025-11-25',
      client: 'old\\u001b[31m\\u000aclient',
    });
  });

  it('tells plain streams from MCP', async () => {
    await using started = await startStrom();
    const answer = await fetch(`${started.origin}/stream/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"text":"x"}',
    });
    await answer.text();
    expect(lastLine(started)?.fields).toMatchObject({ transport: 'plain-http', target: 'echo' });
  });

  it('is silent when told so', async () => {
    await using started = await startStrom(undefined, { run: { accessLog: false } });
    await started.checkAlive();
    await started.send({ target: '/none' });
    expect(lines(started)).toEqual([]);
  });

  const evil = { ...foreign, headers: [['Host', 'evil.example']] as const };
  const stranger = {
    ...foreign,
    headers: [...(foreign.headers ?? []), ['X-API-Key', 'no']] as const,
  };
  const guest = as('guest', modernCall('guarded'));

  it.each([
    ['a foreign host', evil, ['refused', 'ERR_HOST_NOT_ALLOWED']],
    ['wrong credentials', stranger, ['refused', 'ERR_INVALID_TOKEN']],
    ['none', foreign, ['refused', 'ERR_UNAUTHORIZED']],
    ['a caller who may not', guest, ['call', 'ERR_INSUFFICIENT_SCOPE']],
  ])('is silent, but not the audit, which tells of %s', async (_, request, line) => {
    const run = { accessLog: false, auth: [keys] };
    await using started = await startStrom(addGuarded, { run });
    await started.send(as('guest', modernCall('echo', { text: 'x' })));
    await started.send(request);
    const told = lines(started).map((line) => [line.message, line.fields['outcome']]);
    expect(told).toEqual([line]);
  });

  it('is silent with the audit, when both are off', async () => {
    const run = { accessLog: false, auditLog: false, auth: [keys] };
    await using started = await startStrom(addGuarded, { run });
    for (const request of [evil, stranger, foreign, guest]) await started.send(request);
    expect(lines(started)).toEqual([]);
  });

  it('goes to a real pino as JSON', async () => {
    const written: string[] = [];
    const sink = new Writable({
      write(chunk: Buffer, _, done) {
        written.push(chunk.toString());
        done();
      },
    });
    await using started = await startStrom(undefined, { server: { logger: pino(sink) } });
    await started.checkAlive();
    const call = written.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'call');
    expect(call).toMatchObject({ level: 30, op: 'tools/call', target: 'echo', outcome: 'ok' });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('the disk is full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the disk is full'))],
  ])('breaks nothing when the logger %s', async (_, write) => {
    const logger = { debug: write, info: write, warn: write, error: write };
    await using started = await startStrom(
      (strom) => {
        strom.tool('crash', { description: 'Fails' }, () => {
          throw new Error('a defect');
        });
      },
      { server: { logger } },
    );
    expect((await started.send(modernCall('crash'))).status).toBe(200);
    expect((await started.send({ target: '/none' })).status).toBe(404);
    await started.checkAlive();
  });
});

/** Takes two names for keys. */
const keys: Authenticator = {
  recognises: (facts) => facts.header('x-api-key') !== undefined,
  authenticate(facts) {
    if (facts.header('x-api-key') !== 'guest') throw publicError('ERR_INVALID_TOKEN', 'no');
    return { ...ANONYMOUS, kind: 'api-key', id: 'guest', scopes: new Set() };
  },
  challenge: () => 'Bearer',
};

function as(key: string, request: RawRequest): RawRequest {
  return { ...request, headers: [...(request.headers ?? []), ['X-API-Key', key]] };
}

function addGuarded(strom: Started['strom']): void {
  strom.tool('guarded', { description: 'For some', scopes: ['files'] }, () => 'secret');
}

function method(name: string) {
  return { headers: modernHeaders(name), body: modernBody(name) };
}
