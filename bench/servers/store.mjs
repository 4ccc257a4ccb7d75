/**
 * A process that writes to a store, or follows it: `store.mjs strom FILE` through the library,
 * `store.mjs floor FILE` with the bare driver, which puts the same rows into the same tables.
 *
 * @module
 */
import { existsSync, watch } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { sqliteStore } from 'strom/sqlite';

const { DatabaseSync } =
  process.getBuiltinModule('node:sqlite') ?? (await import('@photostructure/sqlite'));

const CALLS = 100;
const AT_ONCE = 32;
const FENCE = 1;
const TEXT = JSON.stringify({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: 'token', progress: 17, total: 100, message: 'x'.repeat(90) },
});

const [variant, file] = process.argv.slice(2);
const nameOf = (number) => `call ${number % CALLS}`;
/** The store writes a turn of the event loop later, so that others have theirs; so does the floor. */
const nextTurn = () => new Promise(setImmediate);
const nowMicros = () => Number(process.hrtime.bigint() / 1000n);

/** Makes the calls that are written to: both variants find the same file, with an empty log. */
async function makeCalls() {
  const store = await sqliteStore({ file });
  for (let number = 0; number < CALLS; number += 1) {
    const task = { id: nameOf(number), owner: 'bench', kind: 'bench', request: '{}' };
    const facts = { createdAtMs: Date.now(), expiresAtMs: undefined, checkpoint: {}, answers: {} };
    const lease = { holder: 'bench', durationMs: 3_600_000 };
    await store.create({ ...task, ...facts }, { maxPerOwner: 1e6, maxInAll: 1e6, lease });
  }
  await store.close();
}

async function stromVariant() {
  const store = await sqliteStore({ file });
  return {
    writeSome: (first) =>
      Promise.all(
        Array.from({ length: AT_ONCE }, (_, index) =>
          store.append(nameOf(first + index), FENCE, [TEXT]),
        ),
      ),
    writeDurable: (number) =>
      store.append(nameOf(number), FENCE, [TEXT], { checkpoint: { step: String(number) } }),
    write: (text) => store.append(nameOf(0), FENCE, [text]),
    async follow(onText) {
      const after = (await store.get(nameOf(0))).seq;
      for await (const page of store.tail(nameOf(0), after, new AbortController().signal)) {
        for (const { text } of page) onText(text);
      }
    },
  };
}

function floorVariant() {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 1000');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const event = database.prepare('INSERT INTO event (call, seq, total, text) VALUES (?, ?, ?, ?)');
  const value = database.prepare(`INSERT INTO task_value (task, role, name, text)
    VALUES (?, 0, 'step', ?) ON CONFLICT (task, role, name) DO UPDATE SET text = excluded.text`);
  const record = database.prepare('UPDATE task SET updated_at = ? WHERE id = ?');
  const newer = database.prepare('SELECT id, text FROM event WHERE id > ? ORDER BY id');
  const ids = database.prepare('SELECT id FROM call ORDER BY id').all();
  const calls = ids.map(({ id }) => ({ id, seq: 0, total: 0 }));
  const append = (number, text) => {
    const call = calls[number % CALLS];
    call.seq += 1;
    call.total += text.length;
    event.run(call.id, call.seq, call.total, text);
    return call.id;
  };
  return {
    async writeSome(first) {
      await nextTurn();
      begin.run();
      for (let index = 0; index < AT_ONCE; index += 1) append(first + index, TEXT);
      commit.run();
    },
    async writeDurable(number) {
      await nextTurn();
      begin.run();
      const id = append(number, TEXT);
      value.run(id, String(number));
      record.run(Date.now(), id);
      commit.run();
    },
    async write(text) {
      begin.run();
      append(0, text);
      commit.run();
    },
    async follow(onText) {
      let last = database.prepare('SELECT coalesce(max(id), 0) AS id FROM event').get().id;
      watch(path.dirname(file), () => {
        for (const { id, text } of newer.all(last)) {
          last = id;
          onText(text);
        }
      });
    },
    setDurable: (isDurable) =>
      database.exec(`PRAGMA synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`),
  };
}

/** Writes for a while: events a second, and the microseconds of CPU each of them took. */
async function rateOf(measureMs, write, atOnce) {
  const startMs = performance.now();
  const before = process.cpuUsage();
  let events = 0;
  while (performance.now() - startMs < measureMs) {
    await write(events);
    events += atOnce;
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - startMs) / 1000;
  return { perSecond: events / seconds, cpuMicros: (user + system) / events };
}

if (!existsSync(file)) await makeCalls();
const work = variant === 'floor' ? floorVariant() : await stromVariant();
const delays = [];

const ANSWERS = {
  batched({ measureMs }) {
    work.setDurable?.(false);
    return rateOf(measureMs, work.writeSome, AT_ONCE);
  },
  durable({ measureMs }) {
    work.setDurable?.(true);
    return rateOf(measureMs, work.writeDurable, 1);
  },
  follow() {
    void work.follow((text) => delays.push(nowMicros() - Number(text)));
  },
  delays: () => delays.splice(0),
  async send({ total, everyMs }) {
    work.setDurable?.(false);
    for (let sent = 0; sent < total; sent += 1) {
      await work.write(String(nowMicros()));
      await sleep(everyMs);
    }
  },
};

process.on('message', async ({ id, method, params }) => {
  process.send({ id, result: await ANSWERS[method](params) });
});
process.on('disconnect', () => process.exit(0));
process.send({ ready: 0 });
