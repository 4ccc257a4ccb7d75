/** The official 2.x client, in its legacy and in its modern mode. */
import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Driver, type Listeners, type Target, textOf } from './driver.ts';
import { watchStream } from './stream-watch.ts';

export type Mode = 'legacy' | 'auto';

const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';

function createClient(mode: Mode, { onLog, onChange, answer }: Listeners): Client {
  const client = new Client(
    { name: `sdk-2-${mode}`, version: '1.0.0' },
    {
      capabilities: answer === undefined ? {} : { elicitation: {} },
      versionNegotiation: { mode },
    },
  );
  client.setNotificationHandler('notifications/message', ({ params }) => {
    onLog?.({ level: params.level, data: params.data });
  });
  for (const method of [
    'notifications/tools/list_changed',
    'notifications/prompts/list_changed',
    'notifications/resources/updated',
  ] as const) {
    client.setNotificationHandler(method, () => onChange?.(method));
  }
  if (answer !== undefined) {
    client.setRequestHandler('elicitation/create', ({ params }) => ({
      action: 'accept',
      content: answer(params.message) as Record<string, string>,
    }));
  }
  return client;
}

function createTransport(target: Target, fetch: typeof globalThis.fetch) {
  switch (target.transport) {
    case 'stdio':
      return new StdioClientTransport({
        command: target.command,
        args: [...target.args],
        stderr: 'ignore',
      });
    case 'streamable-http':
      return new StreamableHTTPClientTransport(new URL(target.url), { fetch });
    case 'http+sse':
      return new SSEClientTransport(new URL(target.url));
  }
}

/** Change notifications: asked for with a stream of their own, or subscribed to in a session. */
async function watch(
  client: Client,
  wanted: { tools?: boolean; prompts?: boolean; resource?: string },
): Promise<void> {
  const { tools, prompts, resource } = wanted;
  if (client.getProtocolEra() === 'modern') {
    await client.listen({
      ...(tools && { toolsListChanged: true }),
      ...(prompts && { promptsListChanged: true }),
      ...(resource !== undefined && { resourceSubscriptions: [resource] }),
    });
  } else if (resource !== undefined) await client.subscribeResource({ uri: resource });
}

export async function connectSdk2(
  mode: Mode,
  target: Target,
  listeners: Listeners = {},
): Promise<Driver> {
  const client = createClient(mode, listeners);
  const stream = watchStream();
  const transport = createTransport(target, stream.fetch);
  await client.connect(transport);
  const isModern = client.getProtocolEra() === 'modern';
  return {
    revision: client.getNegotiatedProtocolVersion() ?? '',
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    listResources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    listPrompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
    async call(name, args, { onProgress, logLevel, signal } = {}) {
      if (logLevel !== undefined && !isModern) await client.setLoggingLevel(logLevel);
      const meta = logLevel !== undefined && isModern && { _meta: { [LOG_LEVEL]: logLevel } };
      const result = await client.callTool(
        { name, arguments: args, ...meta },
        { ...(onProgress && { onprogress: onProgress }), ...(signal && { signal }) },
      );
      return { text: textOf(result.content), isError: result.isError === true };
    },
    readResource: async (uri) => textOf((await client.readResource({ uri })).contents),
    async getPrompt(name, args) {
      const { messages } = await client.getPrompt({ name, arguments: args });
      return textOf(messages.map(({ content }) => content));
    },
    async complete(name, argument, value) {
      const ref = { type: 'ref/prompt', name } as const;
      const { completion } = await client.complete({ ref, argument: { name: argument, value } });
      return completion.values;
    },
    async watch(wanted) {
      if (target.transport === 'streamable-http' && !isModern) await stream.opened;
      await watch(client, wanted);
    },
    async [Symbol.asyncDispose]() {
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
      await client.close();
    },
  };
}
