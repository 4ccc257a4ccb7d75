import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { ServerObserver } from '../../src/observe/server-observer.ts';
import { serveStdio } from '../../src/transports/stdio/serve-stdio.ts';
import { makeFixture } from '../harness/fixture-server.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { initializeBody, modernBody, sessionBody } from '../harness/mcp-request.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { startStrom } from '../harness/start-strom.ts';

/** Writes lines to a server over stdio, and gives back what the log says of those it refused. */
async function refusedOverStdio(...written: readonly string[]) {
  const logger = new LogRecorder();
  const strom = makeFixture();
  const observer = new ServerObserver({
    ...{ logger, clock: SYSTEM_CLOCK, lines: 'all', metrics: true, tracer: undefined },
    names: strom,
    identity: strom.identity,
  });
  const [input, output] = [new PassThrough(), new PassThrough()];
  const served = serveStdio(strom, { input, output, observer });
  for (const line of written) {
    input.write(`${line}\n`);
    if (output.readableLength === 0) await once(output, 'readable');
    output.read();
  }
  served.close();
  await served.closed;
  observer.close();
  return logger.records.filter(({ message }) => message === 'refused');
}

const wait = modernBody('tools/call', { name: 'wait', _meta: { progressToken: 1 } });

describe('a message over stdio that is refused early', () => {
  it.each([
    ['no JSON', ['{'], '_OTHER', 'ERR_PARSE'],
    ['no message', ['{"jsonrpc":"1.0","id":1}'], '_OTHER', 'ERR_INVALID_REQUEST'],
    ['a batch of nobody', ['[]'], '_OTHER', 'ERR_INVALID_REQUEST'],
    [
      'a call before the handshake',
      [sessionBody('tools/list')],
      'tools/list',
      'ERR_INVALID_REQUEST',
    ],
    ['a method made up', [sessionBody('my/secret')], '_OTHER', 'ERR_INVALID_REQUEST'],
    ['an id in use', [wait, modernBody('tools/list')], 'tools/list', 'ERR_INVALID_REQUEST'],
    ['a line too long', ['x'.repeat(4 * 1024 * 1024 + 1)], '_OTHER', 'ERR_FRAME_TOO_LARGE'],
  ])('has a line in the log: %s', async (_, ...told) => {
    const [written, op, outcome] = told;
    const lines = await refusedOverStdio(...written);
    expect(lines.map(({ fields }) => fields)).toEqual([
      {
        who: 'local',
        op,
        transport: 'stdio',
        outcome,
        ms: expect.any(Number),
        bytes: expect.any(Number),
        ...{ events: 0, coalesced: 0, dropped: 0 },
        correlation: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
    ]);
  });
});

describe('a message over HTTP that is refused after its status', () => {
  const refusals = ({ logs }: { logs: LogRecorder }) =>
    logs.records
      .filter(({ message }) => message === 'refused')
      .map(({ fields }) => fields['outcome']);

  it('has a line in the log, over HTTP+SSE', async () => {
    await using server = await startStrom(undefined, { run: { legacySse: true } });
    const reader = new SseReader(await fetch(`${server.origin}/sse`));
    const target = (await reader.next())?.data ?? '';
    const headers = [['Content-Type', 'application/json']] as const;
    await server.send({ target, headers, body: '[]' });
    await reader.data();
    expect(refusals(server)).toEqual(['ERR_INVALID_REQUEST']);
    await server.strom.drain(0);
    await server.send({ target, headers, body: initializeBody('2024-11-05') });
    await reader.data();
    expect(refusals(server)).toEqual(['ERR_INVALID_REQUEST', 'ERR_SHUTTING_DOWN']);
    await reader.cancel();
  });

  it('has a line in the log, as a part of a batch', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    await (await peer.post(`[{"jsonrpc":"1.0","id":7},${sessionBody('ping')}]`)).text();
    expect(refusals(server)).toEqual(['ERR_INVALID_REQUEST']);
  });
});
