/** A program: the official 2.x server on the standard streams. */
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createSdk2Server } from './sdk2-server.ts';

serveStdio(createSdk2Server);
