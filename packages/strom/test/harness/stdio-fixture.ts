/** The fixture as a process of its own, on its standard streams. */
import { makeFixture } from './fixture-server.ts';

await makeFixture().run({ transport: 'stdio', drainTimeoutMs: 100 });
