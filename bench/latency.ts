/**
 * How long a notification takes from `ctx.progress()` to the bytes at a client on loopback, on an
 * idle server. Exits 1 when the median is 2 ms or more.
 *
 * @module
 */
import { Lab, QUICK } from './lab/lab.ts';
import { build } from './lab/prepare.ts';
import { idleLatency } from './works/latency.ts';

const LIMIT_MICROS = 2000;

build();
await using lab = await Lab.open(QUICK);
const micros = await idleLatency(lab);
console.log(`median from ctx.progress() to the client: ${micros} us`);
if (micros >= LIMIT_MICROS) process.exitCode = 1;
