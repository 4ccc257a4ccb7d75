/**
 * The product, as a user sets it up: default security checks, zod schemas.
 *
 * `strom.mjs checked` checks callers as well, by API key and by a list of allowed origins, `key` by API
 * key alone and `token` by an access token; `burst` gives the `notify` tool a burst window of 2 ms; `tls`
 * serves HTTPS and HTTP/2; `workers` serves with two processes.
 *
 * @module
 */
import cluster from 'node:cluster';
import { Strom } from 'strom';
import { z } from 'zod';
import { byKey, byKeyAndOrigin, byToken } from './callers.mjs';
import { ready } from './control.mjs';
import { toolSchemas } from './tool-schemas.mjs';
import { echoText, emitFlood, emitNotes, emitTicks } from './tools.mjs';

const mode = process.argv[2];
const input = toolSchemas(z);
const strom = new Strom({ name: 'bench', version: '1.0.0' });

strom.tool('echo', { description: 'Echoes', input: input.echo }, echoText);
strom.tool(
  'notify',
  { description: 'Notifies', input: input.notify, ...(mode === 'burst' && { burstWindowMs: 2 }) },
  (args, ctx) => emitNotes(args, (done, total, text) => ctx.progress(done, total, text)),
);
strom.tool('tick', { description: 'Ticks', input: input.tick }, (args, ctx) =>
  emitTicks(args, (done, total, text) => ctx.progress(done, total, text)),
);
strom.tool('flood', { description: 'Floods', input: input.flood }, (args, ctx) =>
  emitFlood(args, (done, total, text) => ctx.progress(done, total, text)),
);

const CALLERS = { checked: byKeyAndOrigin, key: byKey, token: byToken };

const { options, headers } = (await CALLERS[mode]?.()) ?? {};
const running = await strom.run({
  port: 0,
  ...options,
  ...(mode === 'tls' && { tls: 'dev' }),
  ...(mode === 'workers' && { workers: 2 }),
});
// Workers run this file again, and only the first process talks to the bench.
if (cluster.isPrimary) ready(Number(new URL(running.url).port), headers);
