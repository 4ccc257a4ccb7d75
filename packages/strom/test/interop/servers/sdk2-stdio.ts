/** A program: the official 2.x server on the standard streams. */
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createSdk2Fixture } from './sdk2-fixture.ts';

serveStdio(() => createSdk2Fixture());
