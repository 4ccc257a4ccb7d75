/** Lists the tools of the server and calls one. Usage: `tsx client.ts [URL]` */
import assert from 'node:assert/strict';
import { connect } from 'strom/client';

await using client = await connect(process.argv[2] ?? 'http://127.0.0.1:3000/mcp');

const tools = await client.listTools();
assert.deepEqual(
  tools.map((tool) => tool.name),
  ['greet'],
);

const result = await client.call('greet', { name: 'Ada' });
assert.deepEqual(result.content, [{ type: 'text', text: 'Hello, Ada!' }]);

const refused = await client.call('greet', { name: 42 });
assert.equal(refused.isError, true, 'wrong arguments are a result the model can read');
