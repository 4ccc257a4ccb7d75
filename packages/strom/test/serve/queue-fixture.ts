/** Speaks without waiting, on standard streams; tells on standard error when everything is said. */
import { Strom } from '../../src/serve/strom.ts';
import { addFlood, LIMITS } from './support/flood.ts';

const strom = new Strom({ name: 'flood', version: '1.0.0' });
addFlood(strom, () => process.stderr.write('said\n'));
await strom.run({ transport: 'stdio', ...LIMITS });
