/** The smallest server: one tool, every transport over HTTP, on this machine only. */
import { Strom } from 'strom';
import { z } from 'zod';

const strom = new Strom({ name: 'hello', version: '1.0.0' });

strom.tool(
  'greet',
  { description: 'Greets somebody', input: z.object({ name: z.string() }) },
  ({ name }) => `Hello, ${name}!`,
);

const { url } = await strom.run({ port: Number(process.env['PORT'] ?? 3000) });
console.log(url);
