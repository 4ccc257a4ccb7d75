/**
 * Gets a large result and says by how many megabytes the server and this process have grown at most,
 * and whether the result is the right one.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ToolArguments } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { streamUrl } from '../../src/client/plain-stream.ts';
import { largeServer } from './large-server.ts';
import { LARGE_RESULTS, type LargeKind } from './large-values.ts';
import { PeakMemory } from './peak-memory.ts';

const [, , url = '', way = '', tool = '', kind = '', sizeMb = '', file = ''] = process.argv;
const era = way.startsWith('session') ? 'session' : 'stateless';
const SERVER = new URL('./large-server-fixture.ts', import.meta.url).pathname;

/** Tools whose callers wait for a task without knowing of it. */
const tasks = tool !== 'fallback' && tool !== 'keyed';

type Got = { content?: unknown; structuredContent?: unknown };

async function open() {
  if (way === 'local') return connect(await largeServer(file), { tasks });
  if (way === 'stdio') {
    const args = ['--import', 'tsx', SERVER, 'stdio', file];
    return connect({ command: process.execPath, args }, { tasks, era });
  }
  if (way === 'sse') return connect(new URL('/sse', url), { era: 'sse' });
  return connect(new URL('/mcp', url), { era, tasks });
}

const client = await open();

async function get(mb: number): Promise<Got> {
  const args = { kind, sizeMb: mb };
  if (tool === 'held') return listen(args);
  if (tool === 'asked') return ask(args);
  if (tool === 'keyed') {
    return (await client.call('task', args, { idempotencyKey: randomUUID() })) as Got;
  }
  if (!way.includes('/')) return (await client.call(tool, args)) as Got;
  let last: Got = {};
  const target = new URL(`/stream/${tool}`, url);
  for await (const { value } of streamUrl(target, { args, accept: way })) last = value as Got;
  return last;
}

/** Hears the result of a task. */
async function listen(args: ToolArguments): Promise<Got> {
  const task = await client.task('held', args);
  let heard = 0;
  for await (const { result } of task.events()) {
    if (result !== undefined) return result as Got;
    heard += 1;
    // The report of the task: the server does not want to be asked so soon, so it is telling by now.
    if (heard === 2) await client.call('release', {});
  }
  return {};
}

/** Asks for the result of a task. */
async function ask(args: ToolArguments): Promise<Got> {
  const task = await client.task('task', args);
  for (;;) {
    const { result } = await task.status();
    if (result !== undefined) return result as Got;
  }
}

async function serverGrownMb(): Promise<number> {
  const { content } = await client.call('grown', {});
  return Number(content[0]?.type === 'text' ? content[0].text : Number.NaN);
}

// What runs for the first time grows the heap once.
for (let warmUp = 0; warmUp < 20; warmUp += 1) await get(0.02);
for (let warmUp = 0; warmUp < 3; warmUp += 1) await get(1);
await serverGrownMb();
const memory = new PeakMemory();
const { content, structuredContent } = await get(Number(sizeMb));
const clientMb = memory.grown();
const serverMb = await serverGrownMb();
const expected: Got = LARGE_RESULTS[kind as LargeKind](Number(sizeMb));
const isRight =
  isDeepStrictEqual(content, expected.content) &&
  isDeepStrictEqual(structuredContent, expected.structuredContent);
process.stdout.write(`${JSON.stringify({ serverMb, clientMb, isRight })}\n`);
await client.close();
