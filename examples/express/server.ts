/**
 * Strom as a handler in an Express 5 application.
 *
 * It stands before body parsers, because it reads bodies itself. Paths that are not Strom's go on to
 * the routes of the application.
 */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Strom } from 'strom';
import { z } from 'zod';

const strom = new Strom({ name: 'express', version: '1.0.0' });

strom.tool(
  'add',
  { description: 'Adds two numbers', input: z.object({ a: z.number(), b: z.number() }) },
  ({ a, b }) => ({ sum: a + b }),
);

const app = express();
app.use(strom.listener());
app.use(express.json());
app.get('/about', (_request, response) => {
  response.json({ name: 'an application of its own' });
});

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}/mcp`);
});
