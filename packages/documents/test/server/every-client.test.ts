/**
 * `process_files` with clients nobody here wrote, over every transport and era: each report arrives
 * while the document after it is not there yet.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  Client as Client2,
  StreamableHTTPClientTransport as Http2Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2Transport } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { describe, expect, it } from 'vitest';
import { createDocumentsServer } from '../../src/server.ts';
import { SAMPLES } from '../support/samples.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const PATHS = [
  'stations.json',
  'annual-report-2024.pdf',
  'gauge-handbook.docx',
  'public-lecture.pptx',
];
const CALL = { name: 'process_files', arguments: { paths: PATHS } };
const INFO = { name: 'documents-test', version: '1.0.0' };

/** How many documents were written when each whole step of progress was heard. */
class Watch {
  readonly written: number[] = [];
  readonly #output: string;

  constructor(output: string) {
    this.#output = output;
  }

  /** Looks at raw messages: a client may drop progress that comes together with the answer. */
  hear(message: unknown): void {
    const { method, params } = message as { method?: string; params?: { progress?: number } };
    const { progress } = params ?? {};
    if (method !== 'notifications/progress' || progress === undefined) return;
    if (Number.isInteger(progress) && progress > 0) this.look();
  }

  look(): void {
    const names = readdirSync(this.#output, { recursive: true }) as string[];
    this.written.push(names.filter((name) => name.endsWith('.md')).length);
  }
}

interface Messages {
  onmessage?: ((...args: never[]) => void) | undefined;
}

/** Shows a watch every message before the client itself sees it. */
function listen(transport: Messages, watch: Watch): void {
  const deliver = transport.onmessage as ((...args: unknown[]) => void) | undefined;
  transport.onmessage = ((...args: unknown[]) => {
    watch.hear(args[0]);
    deliver?.(...args);
  }) as never;
}

type Call = (at: { url: string; stdio: string[] }, watch: Watch) => Promise<unknown>;

function officialV1(open: (at: { url: string; stdio: string[] }) => Transport): Call {
  return async (at, watch) => {
    const client = new Client1(INFO);
    const transport = open(at);
    await client.connect(transport);
    listen(transport, watch);
    const result = await client.callTool(CALL, undefined, { onprogress: () => undefined });
    await client.close();
    return result.structuredContent;
  };
}

function officialV2(kind: 'http' | 'stdio', mode: 'auto' | 'legacy'): Call {
  return async ({ url, stdio }, watch) => {
    const client = new Client2(INFO, { versionNegotiation: { mode } });
    const transport =
      kind === 'http'
        ? new Http2Transport(new URL(url))
        : new Stdio2Transport({ command: process.execPath, args: stdio, stderr: 'ignore' });
    await client.connect(transport);
    listen(transport as Messages, watch);
    const result = await client.callTool(CALL, { onprogress: () => undefined });
    await client.close();
    return result.structuredContent;
  };
}

const CALLS: readonly (readonly [string, Call])[] = [
  [
    'the official 1.x client over stdio',
    officialV1(({ stdio }) => new StdioClientTransport({ command: process.execPath, args: stdio })),
  ],
  [
    'the official 1.x client over Streamable HTTP',
    officialV1(({ url }) => new StreamableHTTPClientTransport(new URL(url)) as Transport),
  ],
  [
    'the official 1.x client over HTTP+SSE',
    officialV1(({ url }) => new SSEClientTransport(new URL('/sse', url)) as Transport),
  ],
  ['the official 2.x client, 2026-07-28, over HTTP', officialV2('http', 'auto')],
  ['the official 2.x client, 2026-07-28, over stdio', officialV2('stdio', 'auto')],
  ['the official 2.x client, 2025-11-25, over HTTP', officialV2('http', 'legacy')],
];

async function start() {
  const output = await tempFolder();
  const server = await createDocumentsServer({ roots: [SAMPLES], output: output.path });
  const running = await server.strom.run({ transport: 'sse', port: 0, handleSignals: false });
  return {
    output: output.path,
    url: running.url ?? '',
    stdio: [MAIN, '--root', SAMPLES, '--output', output.path],
    async [Symbol.asyncDispose]() {
      await running.close();
      await server[Symbol.asyncDispose]();
      await output[Symbol.asyncDispose]();
    },
  };
}

/** A machine that stalls a reader between two documents makes it look late; once more tells. */
const retried = { retry: 2 };

describe('process_files', retried, () => {
  it.each(CALLS)('reports each document before the next one to %s', async (_name, call) => {
    await using at = await start();
    const watch = new Watch(at.output);
    expect(await call(at, watch)).toMatchObject({ converted: PATHS.length });
    expect(watch.written).toEqual([1, 2, 3, 4]);
  });

  const hasCurl = spawnSync('curl', ['--version']).status === 0;
  it.skipIf(!hasCurl)('reports each document before the next one to curl -N', async () => {
    await using at = await start();
    const watch = new Watch(at.output);
    const url = new URL('/stream/process_files', at.url).href;
    const headers = ['-H', 'content-type: application/json', '-H', 'accept: text/plain'];
    const body = JSON.stringify({ paths: PATHS });
    const curl = spawn('curl', ['-sN', url, ...headers, '-d', body]);
    let text = '';
    for await (const chunk of curl.stdout.setEncoding('utf8')) {
      text += chunk;
      for (const _step of String(chunk).matchAll(/^\[\d\/4\]/gm)) watch.look();
    }
    expect(watch.written).toEqual([1, 2, 3, 4]);
    expect(text).toContain('info: Processing complete!');
  });
});
