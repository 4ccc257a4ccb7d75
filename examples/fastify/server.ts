/**
 * Strom as a route of a Fastify 5 application.
 *
 * The route stands in a scope of its own that parses no bodies, and takes the reply out of Fastify's
 * hands.
 */
import fastify from 'fastify';
import { Strom } from 'strom';
import { z } from 'zod';

const strom = new Strom({ name: 'fastify', version: '1.0.0' });

strom.tool(
  'add',
  { description: 'Adds two numbers', input: z.object({ a: z.number(), b: z.number() }) },
  ({ a, b }) => ({ sum: a + b }),
);

const app = fastify();
const listener = strom.listener();

app.register((scope, _options, done) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
  scope.all('/mcp', (request, reply) => {
    reply.hijack();
    listener(request.raw, reply.raw);
  });
  done();
});
app.get('/about', async () => ({ name: 'an application of its own' }));

const origin = await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' });
console.log(`${origin}/mcp`);
