import { Strom } from '../../src/serve/strom.ts';

const strom = new Strom({ name: 'inspected', version: '1.0.0' });
const input = { type: 'object', properties: { text: { type: 'string' } } } as const;
strom.tool('echo', { description: 'Gives back its text', input }, ({ text }) => `echo: ${text}`);
await strom.run({ transport: 'stdio' });
