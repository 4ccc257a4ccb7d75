/** The official 1.x client. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type Driver, type Listeners, type Target, textOf } from './driver.ts';
import { watchStream } from './stream-watch.ts';

function createClient({ onLog, onChange, answer }: Listeners): Client {
  const capabilities = answer === undefined ? {} : { elicitation: {} };
  const client = new Client({ name: 'sdk-1', version: '1.0.0' }, { capabilities });
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    onLog?.({ level: params.level, data: params.data });
  });
  client.setNotificationHandler(ToolListChangedNotificationSchema, (n) => onChange?.(n.method));
  client.setNotificationHandler(PromptListChangedNotificationSchema, (n) => onChange?.(n.method));
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, (n) => onChange?.(n.method));
  if (answer !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
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

/** The client tells the outcome of the negotiation to its transport only. */
function watchRevision(transport: Transport): () => string {
  let revision = '';
  const pass = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (version) => {
    revision = version;
    pass?.(version);
  };
  return () => revision;
}

export async function connectSdk1(target: Target, listeners: Listeners = {}): Promise<Driver> {
  const client = createClient(listeners);
  const stream = watchStream();
  const transport = createTransport(target, stream.fetch);
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  const revision = watchRevision(transport as Transport);
  await client.connect(transport as Transport);
  return {
    revision: revision(),
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    listResources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    listPrompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
    async call(name, args, { onProgress, logLevel, signal } = {}) {
      if (logLevel !== undefined) await client.setLoggingLevel(logLevel);
      const result = await client.callTool({ name, arguments: args }, undefined, {
        ...(onProgress && { onprogress: onProgress }),
        ...(signal && { signal }),
      });
      return { text: textOf(result.content as unknown[]), isError: result.isError === true };
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
    async watch({ resource }) {
      if (target.transport === 'streamable-http') await stream.opened;
      if (resource !== undefined) await client.subscribeResource({ uri: resource });
    },
    async [Symbol.asyncDispose]() {
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
      await client.close();
    },
  };
}
