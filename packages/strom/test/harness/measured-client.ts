/**
 * Calls a tool of a server and says on standard output what that took: how many bytes its text has,
 * and by how many megabytes the process has grown at most.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from '../../src/client/connect.ts';
import type { CallToolResult } from '../../src/protocol/spec/2026-07-28.ts';

const [, , url = '', tool = '', count = ''] = process.argv;

function memoryMb(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

const client = await connect(url);
// What runs for the first time grows the heap once.
for (let warmUp = 0; warmUp < 20; warmUp += 1) await client.call(tool, { count: 1000 });
const beforeMb = memoryMb('VmRSS');
const { content } = (await client.call(tool, { count: Number(count) })) as CallToolResult;
const grownMb = memoryMb('VmHWM') - beforeMb;
const text = content[0]?.type === 'text' ? content[0].text : '';
const hash = createHash('sha256').update(text).digest('hex');
process.stdout.write(`${JSON.stringify({ grownMb, hash })}\n`);
await client.close();
