import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import type { Strom } from '../../src/serve/strom.ts';
import { makeGate } from '../harness/gate.ts';
import { askHttp2, http2Headers, lengthHeader, openHttp2 } from '../harness/http2-client.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { startStrom } from '../harness/start-strom.ts';

ownDataHome();

describe('a body over HTTP/2 that is too large', () => {
  it('is answered 413, and its stream is over though it never ends', async () => {
    await using server = await startStrom(undefined, { run: { tls: 'dev', maxBodyBytes: 1000 } });
    await using session = await openHttp2(server);
    const stream = session.request(http2Headers(modernCall('echo')));
    stream.write('x'.repeat(2000));
    const [head] = await once(stream, 'response');
    expect(head[':status']).toBe(413);
    let text = '';
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    await once(stream, 'close');
    expect(JSON.parse(text)).toMatchObject({ error: { code: -32600 } });
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });
});

describe('a body over HTTP/2', () => {
  const call = modernCall('echo', { text: 'hi' });

  it.each([
    ['says how long it is', true, true],
    ['says how long it is, on a stream that does not end', true, false],
    ['does not say how long it is', false, true],
  ])('that %s is answered', async (_, saysLength, ends) => {
    await using server = await startStrom(undefined, { run: { tls: 'dev' } });
    await using session = await openHttp2(server);
    const length = saysLength ? lengthHeader(call) : {};
    const stream = session.request({ ...length, ...http2Headers(call) });
    stream.write(call.body);
    if (ends) stream.end();
    let text = '';
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    await once(stream, 'end');
    expect(text).toContain('echo: hi');
    stream.end();
    if (!stream.closed) await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });

  it.each([
    ['longer', -1],
    ['shorter', 1],
  ])('that is %s than it says ends its stream alone', async (_, more) => {
    await using server = await startStrom(undefined, { run: { tls: 'dev' } });
    await using session = await openHttp2(server);
    const length = { 'content-length': Buffer.byteLength(call.body ?? '') + more };
    const stream = session.request({ ...length, ...http2Headers(call) });
    stream.on('error', () => undefined).end(call.body);
    await new Promise((resolve) => stream.resume().on('close', resolve));
    expect(stream.rstCode).toBe(constants.NGHTTP2_PROTOCOL_ERROR);
    const next = askHttp2(session, call);
    const [head] = await once(next, 'response');
    expect(head[':status']).toBe(200);
  });
});

describe('headers over HTTP/2', () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x${index}`, 'y']));

  it.each<[string, Record<string, string>, number | undefined]>([
    ['of less than 16 KiB are taken', { x: 'y'.repeat(15_000) }, 200],
    ['of more are answered 431', { x: 'y'.repeat(17_000) }, 431],
    ['of more than 64 KiB are refused with their stream', { x: 'y'.repeat(70_000) }, undefined],
    ['that are too many are refused with their stream', many, undefined],
  ])('%s', async (_, headers, status) => {
    await using server = await startStrom(undefined, { run: { tls: 'dev' } });
    await using session = await openHttp2(server);
    const stream = session.request({ ':path': '/healthz', ...headers });
    stream.on('error', () => undefined);
    let told: unknown;
    stream.on('response', (head) => {
      told = head[':status'];
    });
    await new Promise((resolve) => stream.resume().on('close', resolve));
    expect(told).toBe(status);
  });
});

describe('a caller over HTTP/2 who goes while a call runs', () => {
  it.each<[string, boolean, (stream: ClientHttp2Stream, session: ClientHttp2Session) => void]>([
    ['resets the stream', false, (stream) => stream.close(constants.NGHTTP2_CANCEL)],
    ['resets the stream', true, (stream) => stream.close(constants.NGHTTP2_CANCEL)],
    ['closes the stream', true, (stream) => stream.close()],
    ['breaks the connection', false, (_, session) => session.destroy()],
    ['breaks the connection', true, (_, session) => session.destroy()],
  ])('stops it: %s, notified before: %s', async (_, speaks, go) => {
    const started = makeGate();
    const stopped = makeGate<unknown>();
    const register = (strom: Strom): void => {
      strom.tool('wait', { description: 'Waits' }, async (_args, ctx) => {
        if (speaks) await ctx.progress(1);
        await ctx.flush();
        started.open();
        if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
        stopped.open(ctx.signal.reason);
      });
    };
    await using server = await startStrom(register, { run: { tls: 'dev' } });
    await using session = await openHttp2(server);
    const stream = askHttp2(session, modernCall('wait', {}, { progressToken: 'p' }));
    await started.promise;
    if (speaks) await once(stream, 'data');
    go(stream, session);
    expect(await stopped.promise).toMatchObject({ code: 'ERR_PEER_GONE' });
  });
});
