/** Shows every event of a call as it comes, and gives up another call half-way. */
import assert from 'node:assert/strict';
import { connect, type StreamEvent, StromError } from 'strom/client';

await using client = await connect(process.argv[2] ?? 'http://127.0.0.1:3000/mcp');

const events: StreamEvent[] = [];
for await (const event of client.stream('process_files', { count: 10, message: 'hello' })) {
  events.push(event);
  if (event.kind === 'progress') console.log(event.message);
  if (event.kind === 'log') console.log(`${event.level}: ${String(event.data)}`);
}
const reports = events.filter((event) => event.kind === 'progress');
assert.deepEqual(
  reports.map(({ message }) => message),
  Array.from({ length: 10 }, (_, i) => `Processing document ${i + 1}/10`),
);
assert.deepEqual(
  events.slice(-2).map((event) => event.kind),
  ['log', 'result'],
);

const leave = new AbortController();
const abandoned = client.call(
  'process_files',
  { count: 100, message: 'never' },
  { signal: leave.signal, onProgress: () => leave.abort() },
);
await assert.rejects(
  abandoned,
  (error) => error instanceof StromError && error.code === 'ERR_CANCELLED',
);
