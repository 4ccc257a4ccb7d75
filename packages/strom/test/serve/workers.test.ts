import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { describe, expect, it } from 'vitest';
import { Strom } from '../../src/serve/strom.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { callAlone, pidOfAny } from '../harness/lone-call.ts';
import { BODY_HEADERS, initializeBody, META_PREFIX } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest, sendRaw } from '../harness/raw-http.ts';
import { startTeam } from './support/team-process.ts';

/** The sum of all samples of one name, from whichever worker is reached. */
async function countOf(url: string, name: string): Promise<number> {
  const headers = { connection: 'close' };
  const answer = await fetch(new URL('/metrics', url), { headers });
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

describe('several workers', () => {
  it.each([
    ['without a store', {}],
    ['with a store that only this process sees', { store: memoryStore() }],
  ])('do not start %s where calls become tasks', async (_what, options) => {
    const strom = new Strom({ name: 'team', version: '1.0.0', ...options });
    strom.tool('t', { description: 'T', task: 'optional' }, () => 'never');
    const refused = strom.run({ port: 0, workers: 2 });
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(/`store`/);
  });

  it('share stateless calls, and the states between their rounds', async () => {
    await using started = await startTeam();
    const { url } = started;
    const pids = new Set<number>();
    for (let call = 0; call < 12; call += 1) pids.add(await pidOfAny(url));
    expect(pids.size).toBe(2);
    const _meta = { [`${META_PREFIX}clientCapabilities`]: { elicitation: {} } };
    for (let call = 0; call < 6; call += 1) {
      const { requestState } = await callAlone(url, 'ask', { _meta });
      const inputResponses = { 'question-1': { action: 'accept', content: { name: 'x' } } };
      const done = await callAlone(url, 'ask', { _meta, requestState, inputResponses });
      expect(done.content[0]?.text).toMatch(/^accept /);
    }
  });

  it.each(['streamable-http', 'sse'])('keep a session with its owner over %s', async (kind) => {
    await using started = await startTeam();
    const { url } = started;
    for (let session = 0; session < 4; session += 1) {
      const client = new Client({ name: 'test', version: '1' });
      const transport =
        kind === 'sse'
          ? new SSEClientTransport(new URL('/sse', url))
          : new StreamableHTTPClientTransport(new URL(url));
      await client.connect(transport as Transport);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => client.callTool({ name: 'pid', arguments: {} })),
      );
      const pids = answers.map(({ content }) => (content as { text: string }[])[0]?.text);
      expect(new Set(pids).size).toBe(1);
      await client.close();
    }
  });

  it('find the owner of a stream of HTTP+SSE wherever the query names it', async () => {
    await using started = await startTeam();
    const port = Number(new URL(started.url).port);
    await using stream = await RawConnection.open(port);
    stream.write(rawRequest(port, { method: 'GET', target: '/sse' }));
    const opened = await stream.until((text) => /data: \S+\n/.test(text));
    const target = (/data: (\S+)\n/.exec(opened)?.[1] ?? '').replace('?', '?tenant=one&');
    const request = rawRequest(port, {
      target,
      headers: BODY_HEADERS,
      body: initializeBody('2024-11-05'),
    });
    const statuses = [];
    for (let post = 0; post < 6; post += 1) statuses.push((await sendRaw(port, request)).status);
    expect(statuses).toEqual(statuses.map(() => 202));
  });

  it('show the same figures, those of all, whichever of them is asked', async () => {
    await using started = await startTeam();
    const { url } = started;
    const pids = new Set<number>();
    while (pids.size < 2) pids.add(await pidOfAny(url));
    const calls = await countOf(url, 'mcp_server_operation_duration_seconds_count');
    expect(calls).toBeGreaterThan(1);
    for (let scrape = 0; scrape < 4; scrape += 1) {
      expect(await countOf(url, 'mcp_server_operation_duration_seconds_count')).toBe(calls);
      expect(await countOf(url, 'strom_processes')).toBe(2);
    }
    const atOnce = Array.from({ length: 8 }, () => countOf(url, 'strom_processes'));
    expect(await Promise.all(atOnce)).toEqual(Array.from({ length: 8 }, () => 2));
  });

  it('go on without one that died, and with the one in its place', async () => {
    await using started = await startTeam();
    const { url } = started;
    await pidOfAny(url);
    // Workers that end within a second of their start are taken for broken.
    await expect(callAlone(url, 'end')).rejects.toThrow();
    await expect.poll(() => countOf(url, 'strom_processes')).toBeGreaterThan(0);
  });

  const own = '--max-semi-space-size=64';
  it.each<[string, Parameters<typeof startTeam>[0], readonly string[]]>([
    ['32 MB', {}, ['--min-semi-space-size=32', '--max-semi-space-size=32']],
    ['what the environment says', { env: { NODE_OPTIONS: own } }, []],
    ['what the command line says', { flags: [own] }, [own]],
    ['what the program says', { args: [own] }, [own]],
  ])('give %s to young objects', async (_what, options, expected) => {
    await using started = await startTeam({ env: { NODE_OPTIONS: '' }, ...options });
    const flags = (await callAlone(started.url, 'flags')).content[0]?.text.split(' ');
    expect(flags?.filter((flag) => flag.includes('semi-space'))).toEqual(expected);
  });

  it('leave together when the first process is told to', async () => {
    await using started = await startTeam();
    const { team } = started;
    team.child.kill('SIGTERM');
    expect(await team.exited).toBe(0);
  });
});
