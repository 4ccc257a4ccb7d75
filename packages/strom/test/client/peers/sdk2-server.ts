/** The official 2.x server with the same tools as its predecessor in these tests. */
import {
  acceptedContent,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

export function createSdk2Server(): McpServer {
  const server = new McpServer(
    { name: 'peer', version: '1.2.3' },
    {
      capabilities: { logging: {}, resources: { subscribe: true, listChanged: true } },
      instructions: 'Use the tools.',
    },
  );
  registerTools(server);
  server.registerTool('ask', { inputSchema: z.object({}) }, (_args, ctx) => answerOrAsk(ctx));
  server.registerResource('note', 'note://one', {}, (uri) => ({
    contents: [{ uri: uri.href, text: 'first note' }],
  }));
  server.registerResource(
    'notes',
    new ResourceTemplate('notes://{name}', { list: undefined }),
    {},
    (uri) => ({ contents: [{ uri: uri.href, text: 'some note' }] }),
  );
  server.registerPrompt('greet', { argsSchema: z.object({ name: z.string() }) }, ({ name }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }],
  }));
  return server;
}

function answerOrAsk(ctx: ServerContext) {
  const content = acceptedContent(ctx.mcpReq.inputResponses, 'who');
  if (content !== undefined) {
    return { content: [{ type: 'text' as const, text: JSON.stringify(content) }] };
  }
  return inputRequired({
    inputRequests: {
      who: inputRequired.elicit({
        message: 'Who are you?',
        requestedSchema: {
          type: 'object',
          properties: {
            name: { type: 'string', default: 'nobody' },
            age: { type: 'integer', default: 42 },
          },
        },
      }),
    },
  });
}

function registerTools(server: McpServer): void {
  server.registerTool(
    'count',
    { inputSchema: z.object({ to: z.number() }) },
    async ({ to }, ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken ?? 'none';
      for (let progress = 1; progress <= to; progress += 1) {
        const params = { progressToken, progress, total: to, message: `step ${progress}` };
        await ctx.mcpReq.notify({ method: 'notifications/progress', params });
      }
      const params = { level: 'info', logger: 'count', data: 'counted' };
      await ctx.mcpReq.notify({ method: 'notifications/message', params });
      return { content: [{ type: 'text', text: `counted to ${to}` }] };
    },
  );
  server.registerTool('fail', {}, () => {
    throw new Error('this tool fails');
  });
  server.registerTool('hang', { inputSchema: z.object({}) }, async (_args, ctx) => {
    const { signal, _meta } = ctx.mcpReq;
    const progressToken = _meta?.progressToken ?? 'none';
    const params = { progressToken, progress: 1 };
    await ctx.mcpReq.notify({ method: 'notifications/progress', params });
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return { content: [] };
  });
}
