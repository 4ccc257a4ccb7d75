import { renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/server/store.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { startStrom } from '../harness/start-strom.ts';
import { TestClock } from '../harness/test-clock.ts';
import { TemporaryFolder } from '../stores/support/temporary-folder.ts';

const READY = { method: 'GET', target: '/readyz' } as const;
const FRESH_MS = 1000;
const MAX_WAIT_MS = 1000;

/** A store that can be made to fail, or not to answer; it counts how often it is asked. */
class MoodyStore {
  readonly store: Store;
  asked = 0;
  answer: () => Promise<undefined> = () => Promise.resolve(undefined);
  #noticed: (() => void) | undefined;

  constructor() {
    this.store = Object.assign(memoryStore(), {
      session: () => {
        this.asked += 1;
        this.#noticed?.();
        return this.answer();
      },
    });
  }

  /** Resolves when it is asked the next time. */
  nextAsked(): Promise<void> {
    return new Promise((resolve) => {
      this.#noticed = resolve;
    });
  }
}

async function start(clock = new TestClock()) {
  const moody = new MoodyStore();
  const started = await startStrom(undefined, { server: { clock, store: moody.store } });
  return {
    moody,
    clock,
    strom: started.strom,
    logs: started.logs,
    ask: async () => {
      const { status, body, headers } = await started.send(READY);
      return [status, body, headers.get('retry-after')];
    },
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

const YES = [200, 'ready\n', undefined];
const NO = [503, 'unavailable\n', '5'];

describe('/readyz of a server with a store', () => {
  it('says no when the file of the store is gone, and nothing of why', async () => {
    using folder = new TemporaryFolder();
    await using store = await sqliteStore({ file: folder.file });
    const clock = new TestClock();
    await using started = await startStrom(undefined, { server: { clock, store } });
    expect((await started.send(READY)).status).toBe(200);
    renameSync(folder.file, `${folder.file}.moved`);
    clock.advance(FRESH_MS);
    const { status, body } = await started.send(READY);
    expect([status, body]).toEqual([503, 'unavailable\n']);
    expect((await started.send({ method: 'GET', target: '/healthz' })).status).toBe(200);
    expect(started.logs.at('error').at(-1)?.fields['err']).toMatchObject({ code: 'ERR_STORE' });
  });

  it('asks the store once a while, however often it is asked itself', async () => {
    await using server = await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => server.ask()));
    expect(answers).toEqual(Array.from({ length: 20 }, () => YES));
    server.moody.answer = () => Promise.reject(new Error('secret'));
    server.clock.advance(FRESH_MS - 1);
    expect([await server.ask(), server.moody.asked]).toEqual([YES, 1]);
    server.clock.advance(1);
    expect([await server.ask(), await server.ask(), server.moody.asked]).toEqual([NO, NO, 2]);
  });

  it('says yes again with the store, and logs each change once', async () => {
    await using server = await start();
    const answers = [];
    for (const works of [true, false, false, true, true]) {
      server.moody.answer = () => (works ? Promise.resolve(undefined) : Promise.reject());
      answers.push(await server.ask());
      server.clock.advance(FRESH_MS);
    }
    expect(answers).toEqual([YES, NO, NO, YES, YES]);
    const said = server.logs.records.filter(({ message }) => message.startsWith('the store'));
    expect(said.map(({ level }) => level)).toEqual(['error', 'info']);
  });

  it('does not wait for a store that hangs, nor asks it again meanwhile', async () => {
    await using server = await start();
    let answer: () => void = () => undefined;
    server.moody.answer = () =>
      new Promise((resolve) => {
        answer = () => resolve(undefined);
      });
    const timers = server.clock.pending;
    const isAsked = server.moody.nextAsked();
    const first = server.ask();
    await isAsked;
    server.clock.advance(MAX_WAIT_MS);
    expect(await first).toEqual(NO);
    server.clock.advance(FRESH_MS);
    const second = server.ask();
    await expect.poll(() => server.clock.pending).toBe(timers + 1);
    answer();
    expect(await second).toEqual(YES);
    expect([server.moody.asked, server.clock.pending]).toEqual([1, timers]);
  });

  it('asks nothing while the server leaves', async () => {
    await using server = await start();
    server.strom.shutDown();
    expect([await server.ask(), server.moody.asked]).toEqual([[503, 'leaving\n', '5'], 0]);
  });
});
