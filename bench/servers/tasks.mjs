/**
 * A server whose calls are tasks in a file: `tasks.mjs <file>`. Two of them on one file are two
 * processes of one server.
 *
 * @module
 */
import { Strom } from 'strom';
import { sqliteStore } from 'strom/sqlite';
import { ready } from './control.mjs';

const store = await sqliteStore({ file: process.argv[2] });
const strom = new Strom({ name: 'bench', version: '1.0.0', store });

/** Says what time it is, again and again. */
strom.tool('tick', { description: 'Ticks', task: 'optional' }, async (_, ctx) => {
  for (let tick = 1; !ctx.signal.aborted; tick += 1) {
    ctx.progress(tick, undefined, String(performance.timeOrigin + performance.now()));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
});

strom.tool('note', { description: 'Ends at once', task: 'optional' }, () => 'noted');

const running = await strom.run({ port: 0 });
ready(Number(new URL(running.url).port));
