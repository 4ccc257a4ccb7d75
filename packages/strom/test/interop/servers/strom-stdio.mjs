/** A program: our server, from the built package, on the standard streams. */
import { Strom } from 'strom';
import { fillStrom } from './strom-fixture.ts';

const strom = new Strom({ name: 'strom', version: '1.0.0' });
fillStrom(strom);
await strom.run({ transport: 'stdio' });
