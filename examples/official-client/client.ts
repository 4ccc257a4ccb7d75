/** The official client package: it needs to know nothing of Strom. */
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const url = new URL(process.argv[2] ?? 'http://127.0.0.1:3000/mcp');
const client = new Client({ name: 'somebody', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(url));

const messages: (string | undefined)[] = [];
const result = await client.callTool(
  { name: 'process_files', arguments: { count: 3, message: 'hello' } },
  { onprogress: ({ message }) => messages.push(message) },
);
assert.deepEqual(
  messages,
  [1, 2, 3].map((i) => `Processing document ${i}/3`),
);
assert.deepEqual(result.content, [{ type: 'text', text: 'Done: hello' }]);
await client.close();
