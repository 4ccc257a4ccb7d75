/** Strom as a route of a Hono application; `strom.fetch` serves any web-standard host. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Strom } from 'strom';
import { z } from 'zod';

const strom = new Strom({ name: 'hono', version: '1.0.0' });

strom.tool(
  'add',
  { description: 'Adds two numbers', input: z.object({ a: z.number(), b: z.number() }) },
  ({ a, b }) => ({ sum: a + b }),
);

const app = new Hono();
app.all('/mcp', (context) => strom.fetch(context.req.raw));
app.get('/about', (context) => context.json({ name: 'an application of its own' }));

serve(
  { fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000), hostname: '127.0.0.1' },
  ({ port }) => console.log(`http://127.0.0.1:${port}/mcp`),
);
