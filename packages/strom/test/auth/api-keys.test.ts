import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { changeKeyFile } from '../../src/auth/keys/key-file.ts';
import { TestClock } from '../harness/test-clock.ts';
import { bearer, callerIn, challengeOf, startGuarded } from './support/guarded-server.ts';
import '../faults/support/base-line.ts';

const { key, record } = createApiKey({ name: 'ci' });

describe('A09: a server with API keys', () => {
  it('lets a key in, as a bearer token and in a header of its own', async () => {
    await using server = await startGuarded([apiKeys({ keys: [record] })]);
    const asToken = await server.callWith(key);
    const named = await server.call('whoami', [['X-API-Key', key]]);
    expect([asToken.status, named.status]).toEqual([200, 200]);
    expect(callerIn(asToken)).toMatchObject({ kind: 'api-key', name: `ci (${record.id})` });
    expect(callerIn(named)).toEqual(callerIn(asToken));
  });

  it('asks a caller without credentials for some, and tells no error', async () => {
    await using server = await startGuarded([apiKeys({ keys: [record] })]);
    const answer = await server.call('whoami');
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toBe('Bearer realm="API keys"');
  });

  const other = createApiKey({ name: 'other' }).key;
  const flipped = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
  it.each([
    ['one that nobody made', other],
    ['one bit off', flipped],
    ['the id of a key and the secret of another', `${key.slice(0, 19)}${other.slice(19)}`],
    ['too short', key.slice(0, -1)],
    ['too long', `${key}A`],
    ['the prefix alone', 'strom_'],
    ['the secret alone', key.slice(19)],
    ['8 kB', `strom_${'a'.repeat(8000)}`],
    ['in upper case', key.toUpperCase()],
    ['with padding', `${key}=`],
    ['a name of every object', 'strom___proto___constructor'],
  ])('refuses a key that is %s, whether or not the right one is in use', async (_, wrong) => {
    await using server = await startGuarded([apiKeys({ keys: [record] })]);
    const headers = [bearer(wrong), ['X-API-Key', wrong] as const];
    for (const header of [...headers, bearer(key), ...headers, bearer(key)]) {
      const isRight = header[1].endsWith(key);
      const answer = await server.call('whoami', [header]);
      expect(answer.status).toBe(isRight ? 200 : 401);
      expect(answer.body).not.toContain(isRight ? key : wrong);
    }
  });

  it('answers all wrong keys alike', async () => {
    const revoked = { ...createApiKey({ name: 'x' }), at: '2026-01-01T00:00:00Z' };
    const expired = createApiKey({ name: 'y', expiresAtMs: 0 });
    const records = [record, { ...revoked.record, revokedAt: revoked.at }, expired.record];
    await using server = await startGuarded([apiKeys({ keys: records })]);
    const wrong = [other, flipped, revoked.key, expired.key, 'strom_x'];
    const answers = await Promise.all(wrong.map((each) => server.callWith(each)));
    const said = answers.map(({ status, body }) => `${status} ${body} `);
    expect(new Set(said)).toHaveLength(1);
    expect(new Set(answers.map(challengeOf))).toHaveLength(1);
    expect(challengeOf(answers[0] as never)).toContain('error="invalid_token"');
  });

  it.each([
    ['unicode', [['Authorization', 'Bearer strom_\u00e9\u00fc']]],
    ['two tokens', [['Authorization', `Bearer ${key}, Bearer ${key}`]]],
    ['two headers', [bearer(key), bearer(key)]],
    ['a key in each of two headers', [bearer(key), ['X-API-Key', key]]],
    ['a tab for a space', [['Authorization', `Bearer\t${key}`]]],
    ['nothing after the scheme', [['Authorization', 'Bearer']]],
  ] as const)('calls a request malformed that has %s', async (_, headers) => {
    await using server = await startGuarded([apiKeys({ keys: [record] })]);
    const answer = await server.call('whoami', headers);
    expect(answer.status).toBe(400);
    expect((await server.callWith(key)).status).toBe(200);
  });

  it('reads the scheme in any case, and ignores other schemes and cookies', async () => {
    await using server = await startGuarded([apiKeys({ keys: [record] })]);
    const status = async (name: string, value: string): Promise<number> =>
      (await server.call('whoami', [[name, value]])).status;
    expect(await status('Authorization', `bEARER  ${key}`)).toBe(200);
    expect(await status('Authorization', `Basic ${btoa(`x:${key}`)}`)).toBe(401);
    expect(await status('Authorization', key)).toBe(401);
    expect(await status('Cookie', `key=${key}`)).toBe(401);
  });

  it('takes no key from a URL', async () => {
    await using server = await startGuarded([apiKeys({ keys: [record] })]);
    const send = (query: string) => server.send({ method: 'GET', target: `/stream/echo?${query}` });
    expect((await send(`key=${key}`)).status).toBe(401);
    expect((await send(`access_token=${key}`)).status).toBe(400);
    expect((await send(`x=1&access%5Ftoken=${key}`)).status).toBe(400);
    expect(JSON.stringify(server.logs.records)).not.toContain(key.slice(19));
  });

  it('stops at the end of a key', async () => {
    const clock = new TestClock();
    const short = createApiKey({ name: 'short', expiresAtMs: clock.now() + 1000 });
    await using server = await startGuarded([apiKeys({ keys: [short.record], clock })]);
    expect((await server.callWith(short.key)).status).toBe(200);
    clock.advance(1000);
    expect((await server.callWith(short.key)).status).toBe(401);
  });

  it('never takes another text for a key', async () => {
    const auth = apiKeys({ keys: [record] });
    const near = fc
      .tuple(fc.nat(key.length - 1), fc.constantFrom(...'aZ0_-=. '))
      .map(([at, char]) => key.slice(0, at) + char + key.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (text) => {
        fc.pre(text !== key);
        const facts = { header: (name: string) => (name === 'x-api-key' ? text : undefined) };
        expect(() => auth.authenticate(facts as never)).toThrow(
          expect.objectContaining({ code: 'ERR_INVALID_TOKEN' }),
        );
      }),
    );
  });
});

describe('a server with a key file', () => {
  async function withFile() {
    const directory = await mkdtemp(path.join(tmpdir(), 'strom-keys-'));
    const file = path.join(directory, 'keys.json');
    await changeKeyFile(file, () => [record]);
    return { file, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
  }

  it('takes up new keys and drops revoked ones while it runs', async () => {
    await using keys = await withFile();
    const clock = new TestClock();
    await using server = await startGuarded([apiKeys({ file: keys.file, clock })]);
    const added = createApiKey({ name: 'added' });
    expect((await server.callWith(added.key)).status).toBe(401);
    const revokedAt = new Date().toISOString();
    await changeKeyFile(keys.file, () => [{ ...record, revokedAt }, added.record]);
    clock.advance(1000);
    expect((await server.callWith(added.key)).status).toBe(200);
    expect((await server.callWith(key)).status).toBe(401);
  });

  it('looks again after its clock was set back', async () => {
    await using keys = await withFile();
    let now = 10_000_000;
    const clock = {
      ...new TestClock(),
      now: () => now,
      every: () => ({ cancel: () => undefined }),
    };
    await using server = await startGuarded([apiKeys({ file: keys.file, clock: clock as never })]);
    await changeKeyFile(keys.file, () => []);
    now -= 600_000;
    expect((await server.callWith(key)).status).toBe(401);
  });

  it('lets nobody in while the file cannot be read, and says so to the log', async () => {
    await using keys = await withFile();
    const clock = new TestClock();
    await using server = await startGuarded([apiKeys({ file: keys.file, clock })]);
    const content = await changeToGarbage(keys.file);
    clock.advance(1000);
    const answer = await server.callWith(key);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBeDefined();
    expect(answer.body).not.toContain(keys.file);
    expect(server.logs.at('error')).toHaveLength(1);
    await content.restore();
    clock.advance(1000);
    expect((await server.callWith(key)).status).toBe(200);
  });

  it('does not start without its file', () => {
    expect(() => apiKeys({ file: '/nowhere/keys.json' })).toThrow('/nowhere/keys.json');
  });
});

async function changeToGarbage(file: string) {
  const text = await readFile(file);
  await writeFile(file, '{"version":1,"keys":');
  return { restore: () => writeFile(file, text) };
}
