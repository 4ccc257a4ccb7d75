import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { changeKeyFile } from '../../src/auth/keys/key-file.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import { TaskCaller } from '../harness/task-caller.ts';
import { TestClock } from '../harness/test-clock.ts';
import '../faults/support/base-line.ts';

const NAME = z.object({ name: z.string() });
const ADA = { action: 'accept', content: { name: 'Ada' } };

interface Users extends AsyncDisposable {
  readonly server: Started;
  readonly clock: TestClock;
  readonly alice: TaskCaller;
  readonly bob: TaskCaller;
}

async function startUsers(): Promise<Users> {
  const keys = ['alice', 'bob'].map((name) => createApiKey({ name }));
  const clock = new TestClock(Date.now());
  const server = await startStrom(
    (strom) => {
      const task = { ttl: '1h' } as const;
      strom.tool('ask', { description: 'Asks', task }, async (_, ctx) => {
        const answer = await ctx.ask('Who?', NAME, { key: 'name' });
        return answer.action === 'accept' ? answer.content.name : 'nobody';
      });
    },
    { server: { clock }, run: { auth: [apiKeys({ keys: keys.map(({ record }) => record) })] } },
  );
  const [alice, bob] = keys.map(({ key }) => new TaskCaller(server, { key }));
  if (alice === undefined || bob === undefined) throw new Error('two users were made');
  return { server, clock, alice, bob, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("I06: a task of somebody else's", () => {
  it('is answered like one that never was and one whose time is over', async () => {
    await using users = await startUsers();
    const { alice, bob, clock } = users;
    const id = await alice.start('ask');
    await alice.until(id, 'input_required');
    const expired = await bob.start('ask');
    clock.advance(1);
    for (const method of ['get', 'update', 'cancel'] as const) {
      const params = method === 'update' ? { inputResponses: { name: ADA } } : {};
      const foreign = await bob.ask(method, id, params);
      expect(foreign).toMatchObject({ error: { code: -32602 } });
      expect(await bob.ask(method, 'A'.repeat(32), params)).toEqual(foreign);
      expect(await bob.ask(method, '__proto__', params)).toEqual(foreign);
    }
    expect(await alice.get(id)).toMatchObject({ status: 'input_required' });
    const unknown = await bob.ask('get', 'unknown');
    clock.advance(3_600_000);
    expect(await bob.ask('get', expired)).toEqual(unknown);
  });

  it('is left out of what a listener is told', async () => {
    await using users = await startUsers();
    const [hers, his] = [await users.alice.start('ask'), await users.bob.start('ask')];
    const stream = await users.bob.listen([hers, his]);
    expect(JSON.parse(await stream.data())).toMatchObject({
      params: { notifications: { taskIds: [his] } },
    });
    await stream.cancel();
  });

  it('is not joined by the same idempotency key', async () => {
    await using users = await startUsers();
    const key = { 'strom/idempotencyKey': 'shared' };
    const id = await users.alice.start('ask', {}, key);
    expect(await users.bob.start('ask', {}, key)).not.toBe(id);
  });
});

describe('A11: a task of a tool its caller may no longer use', () => {
  const task = { ttl: '1h', fallback: 'follow-up' } as const;

  it('tells nothing and takes no answer, and can be stopped', async () => {
    const clock = new TestClock(Date.now());
    await using keys = await changingKey();
    await using server = await startStrom(
      (strom) => {
        strom.tool('ask', { description: 'Asks', task, scopes: ['names'] }, async (_, ctx) => {
          await ctx.ask('Who?', NAME, { key: 'name' });
          return 'known';
        });
      },
      { server: { clock }, run: { auth: [apiKeys({ file: keys.file, clock })] } },
    );
    const caller = new TaskCaller(server, { key: keys.key });
    const id = await caller.start('ask');
    await caller.until(id, 'input_required');
    await keys.grant([]);
    clock.advance(1000);
    for (const method of ['get', 'update'] as const) {
      expect(await caller.ask(method, id, { inputResponses: { name: ADA } })).toMatchObject({
        error: { data: { requiredScopes: ['names'] } },
      });
    }
    expect(await caller.call('get_result', { taskId: id })).toMatchObject({
      error: { data: { requiredScopes: ['names'] } },
    });
    const stream = await caller.listen([id]);
    expect(JSON.parse(await stream.data())).toMatchObject({
      params: { notifications: { taskIds: [] } },
    });
    await stream.cancel();
    expect(await caller.ask('cancel', id)).toHaveProperty('result');
    await keys.grant(['names']);
    clock.advance(1000);
    expect(await caller.get(id)).toMatchObject({ status: 'cancelled' });
  });
});

/** A key in a file, whose scopes change. */
async function changingKey() {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-keys-'));
  const file = path.join(folder, 'keys.json');
  const { key, record } = createApiKey({ name: 'alice' });
  const grant = (scopes: readonly string[]) => changeKeyFile(file, () => [{ ...record, scopes }]);
  await grant(['names']);
  return { file, key, grant, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

describe('I08: answers to a task', () => {
  it('count once, whoever sends how many of them', async () => {
    await using users = await startUsers();
    const id = await users.alice.start('ask');
    await users.alice.until(id, 'input_required');
    const other = { action: 'accept', content: { name: 'Eve' } };
    const flood = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, other]));
    await users.alice.answer(id, flood);
    await users.alice.answer(id, { __proto__: null, constructor: other, toString: other });
    await Promise.all([
      users.alice.answer(id, { name: ADA }),
      users.alice.answer(id, { name: ADA }),
    ]);
    expect(await users.alice.until(id, 'completed')).toMatchObject({
      result: { content: [{ text: 'Ada' }] },
    });
  });
});
