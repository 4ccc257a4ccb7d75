/**
 * A server that writes everything it can: a log at debug level, figures, and spans. Its argument is the
 * folder for all of it; the API keys are there already.
 */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import {
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { destination, pino } from 'pino';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { ToolError } from '../../src/base/tool-error.ts';
import { Strom } from '../../src/serve/strom.ts';

const [, , folder = '.'] = process.argv;

const exporter: SpanExporter = {
  export(spans: readonly ReadableSpan[], done) {
    appendFileSync(path.join(folder, 'spans.txt'), `${inspect(spans, { depth: 8 })}\n`);
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();

const logger = pino(
  { level: 'trace' },
  destination({ dest: path.join(folder, 'server.log'), sync: true }),
);
const strom = new Strom({ name: 'canary', version: '1.0.0', logger });
const input = {
  type: 'object',
  properties: { text: { type: 'string', maxLength: 1000 } },
} as const;

strom.tool('echo', { description: 'Gives it back', input }, ({ text }) => `echo: ${text}`);
strom.tool('speak', { description: 'Says it on the way', input }, async ({ text }, ctx) => {
  await ctx.progress(1, 2, `${text}`);
  await ctx.error({ text });
  return { text };
});
strom.tool('refuse', { description: 'Refuses it', input }, ({ text }) => {
  throw new ToolError(`cannot take ${text}`);
});
strom.tool('crash', { description: 'Fails', input }, () => {
  throw new TypeError('a defect');
});
strom.tool('odd', { description: 'Returns what JSON cannot', input }, ({ text }) => ({
  text,
  odd: 10n,
}));
strom.tool('ask', { description: 'Asks for it' }, async (_, ctx) => {
  const form = { type: 'object', properties: { name: { type: 'string' } } };
  const { action } = await ctx.ask('Name?', form);
  return action;
});
strom.resourceTemplate('secret://{+id}', { name: 'secret' }, (uri) => uri);

const running = await strom.run({
  port: 0,
  legacySse: true,
  metrics: true,
  // Soon forgotten, for what is counted for long would count as harm.
  rateLimits: { failedAuth: { requests: 1000, perMs: 1000 } },
  auth: [apiKeys({ file: path.join(folder, 'keys.json') })],
});
process.stdout.write(`${running.url}\n`);
