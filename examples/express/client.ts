/** Calls the tool, and a route of the application beside it. The same for all three frameworks. */
import assert from 'node:assert/strict';
import { connect } from 'strom/client';

const url = process.argv[2] ?? 'http://127.0.0.1:3000/mcp';
await using client = await connect(url);

const { structuredContent } = await client.call('add', { a: 2, b: 3 });
assert.deepEqual(structuredContent, { sum: 5 });

const about = await fetch(new URL('/about', url));
assert.deepEqual(await about.json(), { name: 'an application of its own' });
