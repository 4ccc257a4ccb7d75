/** The official 1.x server with the tools the client tests need; one instance per connection. */
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

export function createSdkServer(): McpServer {
  const server = new McpServer(
    { name: 'peer', version: '1.2.3' },
    {
      capabilities: { logging: {}, resources: { subscribe: true, listChanged: true } },
      instructions: 'Use the tools.',
    },
  );
  registerTools(server);
  registerAsking(server);
  server.registerResource('note', 'note://one', {}, (uri) => ({
    contents: [{ uri: uri.href, text: 'first note' }],
  }));
  server.registerResource(
    'notes',
    new ResourceTemplate('notes://{name}', { list: undefined }),
    {},
    (uri) => ({ contents: [{ uri: uri.href, text: 'some note' }] }),
  );
  server.registerPrompt('greet', { argsSchema: { name: z.string() } }, ({ name }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }],
  }));
  return server;
}

function registerTools(server: McpServer): void {
  server.registerTool(
    'count',
    { inputSchema: { to: z.number() } },
    async ({ to }, { _meta, sendNotification }) => {
      const progressToken = _meta?.progressToken ?? 'none';
      for (let progress = 1; progress <= to; progress += 1) {
        const params = { progressToken, progress, total: to, message: `step ${progress}` };
        await sendNotification({ method: 'notifications/progress', params });
      }
      const params = { level: 'info', logger: 'count', data: 'counted' } as const;
      await sendNotification({ method: 'notifications/message', params });
      return { content: [{ type: 'text', text: `counted to ${to}` }] };
    },
  );
  server.registerTool('fail', {}, () => {
    throw new Error('this tool fails');
  });
  server.registerTool(
    'hang',
    { inputSchema: {} },
    async (_args, { signal, _meta, sendNotification }) => {
      const progressToken = _meta?.progressToken ?? 'none';
      const params = { progressToken, progress: 1 };
      await sendNotification({ method: 'notifications/progress', params });
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await server.server.sendToolListChanged();
      return { content: [] };
    },
  );
}

function registerAsking(server: McpServer): void {
  server.registerTool('ask', { inputSchema: {} }, async (_args, extra) => {
    const answer = await server.server.elicitInput(
      {
        message: 'Who are you?',
        requestedSchema: {
          type: 'object',
          properties: {
            name: { type: 'string', default: 'nobody' },
            age: { type: 'integer', default: 42 },
          },
        },
      },
      { relatedRequestId: extra.requestId },
    );
    return { content: [{ type: 'text', text: JSON.stringify(answer.content) }] };
  });
}
