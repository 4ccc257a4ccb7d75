/** Our own client. */
import { type ConnectTarget, connect } from '../../../src/entry/client.ts';
import { type Driver, type Listeners, type Target, textOf } from './driver.ts';
import { watchStream } from './stream-watch.ts';

function connectTarget(target: Target): ConnectTarget {
  if (target.transport !== 'stdio') return target.url;
  return { command: target.command, args: target.args, stderr: 'ignore' };
}

export async function connectStrom(target: Target, listeners: Listeners = {}): Promise<Driver> {
  const { onLog, onChange, answer } = listeners;
  const stream = watchStream();
  const client = await connect(connectTarget(target), {
    fetch: stream.fetch,
    ...(onLog && { onLog }),
    ...(answer && {
      handlers: {
        elicit: ({ message }) => ({ action: 'accept', content: answer(message) as never }),
      },
    }),
  });
  return {
    revision: client.server.revision,
    listTools: async () => (await client.listTools()).map(({ name }) => name),
    listResources: async () => (await client.listResources()).map(({ uri }) => uri),
    listPrompts: async () => (await client.listPrompts()).map(({ name }) => name),
    async call(name, args, options = {}) {
      const result = await client.call(name, args, options);
      return { text: textOf(result.content), isError: result.isError === true };
    },
    readResource: async (uri) => textOf((await client.readResource(uri)).contents),
    async getPrompt(name, args) {
      const { messages } = await client.getPrompt(name, args);
      return textOf(messages.map(({ content }) => content));
    },
    async complete(name, argument, value) {
      const ref = { type: 'ref/prompt', name } as const;
      return (await client.complete({ ref, argument: { name: argument, value } })).values;
    },
    async watch({ tools, prompts, resource }) {
      const hasSession = client.server.era === 'session';
      if (target.transport === 'streamable-http' && hasSession) await stream.opened;
      await client.subscribe(
        {
          ...(tools && { toolsListChanged: true }),
          ...(prompts && { promptsListChanged: true }),
          ...(resource !== undefined && { resources: [resource] }),
        },
        ({ topic }) => {
          const isUpdate = topic === 'resource';
          onChange?.(`notifications/${isUpdate ? 'resources/updated' : `${topic}/list_changed`}`);
        },
      );
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
