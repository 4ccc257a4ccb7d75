import {
  acceptedContent,
  inputRequired,
  McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { Acknowledgements, aborted } from './acknowledgements.ts';

const acknowledged = new Acknowledgements();
const stopped = new Acknowledgements();
const Run = z.object({ run: z.string() });

function text(value: string) {
  return { content: [{ type: 'text' as const, text: value }] };
}

/**
 * The official 2.x server with the same tools as ours.
 *
 * @param onTouch - announces that the note has changed, where the server itself cannot
 */
export function createSdk2Fixture(onTouch?: (uri: string) => void): McpServer {
  const server = new McpServer(
    { name: 'sdk-2', version: '1.0.0' },
    { capabilities: { logging: {}, resources: { subscribe: true, listChanged: true } } },
  );
  // The library knows of no subscribers of a session; every session is told of every change.
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.registerResource('note', 'note://one', {}, ({ href }) => ({
    contents: [{ uri: href, text: 'The text of the note.' }],
  }));
  addProcess(server);
  addHang(server);
  server.registerTool('log', { inputSchema: z.object({}) }, async (_, ctx) => {
    await ctx.mcpReq.log('info', 'a line');
    return text('Logged');
  });
  server.registerTool('ask', { inputSchema: z.object({}) }, (_, ctx) => ask(ctx));
  server.registerTool('touch', { inputSchema: z.object({}) }, async () => {
    if (onTouch !== undefined) onTouch('note://one');
    else await server.server.sendResourceUpdated({ uri: 'note://one' });
    return text('Touched');
  });
  return server;
}

function addProcess(server: McpServer): void {
  const inputSchema = Run.extend({ documents: z.number() });
  server.registerTool('process', { inputSchema }, async ({ run, documents }, ctx) => {
    for (let document = 1; document <= documents; document += 1) {
      await report(ctx, document, documents);
      await acknowledged.wait(`${run}/${document}`);
    }
    return text(`Processed ${documents} documents`);
  });
  server.registerTool(
    'acknowledge',
    { inputSchema: Run.extend({ document: z.number() }) },
    ({ run, document }) => {
      acknowledged.give(`${run}/${document}`);
      return text('Acknowledged');
    },
  );
}

async function report(ctx: ServerContext, progress: number, total?: number): Promise<void> {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return;
  const params = { progressToken, progress, ...(total !== undefined && { total }) };
  await ctx.mcpReq.notify({ method: 'notifications/progress', params });
}

function addHang(server: McpServer): void {
  server.registerTool('hang', { inputSchema: Run }, async ({ run }, ctx) => {
    await report(ctx, 1);
    await aborted(ctx.mcpReq.signal);
    stopped.give(run, 'stopped');
    return text('Stopped');
  });
  server.registerTool('why_stopped', { inputSchema: Run }, async ({ run }) =>
    text(await stopped.wait(run)),
  );
}

function ask(ctx: ServerContext) {
  const content = acceptedContent(ctx.mcpReq.inputResponses, 'who');
  if (content !== undefined) return text(`Hello, ${String(content['name'])}`);
  const requestedSchema = {
    type: 'object' as const,
    properties: { name: { type: 'string' as const } },
    required: ['name'],
  };
  return inputRequired({
    inputRequests: { who: inputRequired.elicit({ message: 'Who are you?', requestedSchema }) },
  });
}
