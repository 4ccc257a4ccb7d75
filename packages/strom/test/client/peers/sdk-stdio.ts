/** A program: the official 1.x server on the standard streams. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createSdkServer } from './sdk-server.ts';

await createSdkServer().connect(new StdioServerTransport());
