import { once } from 'node:events';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { describe, expect, it } from 'vitest';
import { ToolError } from '../../src/base/tool-error.ts';
import { connect } from '../../src/entry/client.ts';
import { registeredTracer } from '../../src/observe/call-tracer.ts';
import type { Strom } from '../../src/serve/strom.ts';
import { TestProcess } from '../harness/child-process.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { startStrom } from '../harness/start-strom.ts';
import { collectSpans } from './support/spans.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;
const OTHER_PARENT = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;

function addTools(strom: Strom): void {
  strom.tool('work', { description: 'Has a span of its own' }, async (_, ctx) => {
    await ctx.progress(1);
    return trace.getTracer('test').startActiveSpan('inside', (span) => {
      span.end();
      return 'done';
    });
  });
  strom.tool('pieces', { description: 'Has a span between two pieces' }, async function* () {
    yield 'one';
    trace.getTracer('test').startSpan('between').end();
    yield 'two';
  });
  strom.tool('refuse', { description: 'Fails for the model' }, () => {
    throw new ToolError('secret reason');
  });
  strom.tool('crash', { description: 'Fails' }, () => {
    throw new Error('secret defect');
  });
  strom.tool('hang', { description: 'Waits' }, async (_, ctx) => {
    await ctx.progress(1);
    if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
  });
}

const parentOf = (span: ReadableSpan | undefined) => span?.parentSpanContext?.spanId;

describe('the span of a call', () => {
  it('has the names of the conventions, and hangs below what _meta says', async () => {
    await using collected = collectSpans();
    await using started = await startStrom(addTools);
    await started.send(
      modernCall(
        'work',
        {},
        { traceparent: TRACEPARENT, tracestate: 'vendor=1', progressToken: 1 },
      ),
    );
    const [span] = collected.named('tools/call work');
    expect(span?.attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2026-07-28',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'work',
      'jsonrpc.request.id': '1',
      'network.transport': 'tcp',
      'strom.transport': 'streamable-http',
    });
    expect(span?.kind).toBe(SpanKind.SERVER);
    expect(span?.status.code).toBe(SpanStatusCode.UNSET);
    expect(span?.spanContext().traceId).toBe(TRACE_ID);
    expect(span?.spanContext().traceState?.get('vendor')).toBe('1');
    expect(parentOf(span)).toBe(PARENT_ID);
  });

  it.each(['work', 'pieces'])('is the parent of spans the tool makes: %s', async (tool) => {
    await using collected = collectSpans();
    await using started = await startStrom(addTools);
    await started.send(modernCall(tool, {}, { progressToken: 1 }));
    const [call] = collected.named(`tools/call ${tool}`);
    const inner = collected.spans.filter(
      ({ instrumentationScope }) => instrumentationScope.name === 'test',
    );
    expect(inner.map(parentOf)).toEqual([call?.spanContext().spanId]);
  });

  it('hangs below the headers where _meta says nothing, and rather below _meta', async () => {
    await using collected = collectSpans();
    await using started = await startStrom(addTools);
    const headers = [
      ...modernHeaders('tools/call', 'work'),
      ['traceparent', OTHER_PARENT],
    ] as const;
    const body = (meta: Record<string, unknown>) =>
      modernBody('tools/call', { name: 'work', arguments: {}, _meta: meta });
    await started.send({ headers, body: body({}) });
    await started.send({ headers, body: body({ traceparent: TRACEPARENT }) });
    await started.send({ headers, body: body({ traceparent: 'nonsense' }) });
    expect(collected.named('tools/call work').map(parentOf)).toEqual([
      '2'.repeat(16),
      PARENT_ID,
      '2'.repeat(16),
    ]);
  });

  it('tells of a session by a mark of its id, and hangs below the headers there too', async () => {
    await using collected = collectSpans();
    await using started = await startStrom(addTools);
    const seen: string[] = [];
    const client = await connect(started.url, {
      era: 'session',
      fetch: async (input, init) => {
        const headers = new Headers(init?.headers);
        headers.set('traceparent', OTHER_PARENT);
        seen.push(headers.get('mcp-session-id') ?? '');
        return fetch(input, { ...init, headers });
      },
    });
    await client.call('work');
    await client.close();
    const [span] = collected.named('tools/call work');
    expect(parentOf(span)).toBe('2'.repeat(16));
    expect(span?.attributes['mcp.protocol.version']).toBe('2025-11-25');
    expect(span?.attributes['mcp.session.id']).toMatch(/^[0-9a-f]{12}$/);
    const written = JSON.stringify(collected.spans.map(({ attributes }) => attributes));
    for (const id of seen.filter((each) => each !== '')) expect(written).not.toContain(id);
  });

  it.each([
    ['refuse', 'tool_error', undefined],
    ['crash', 'ERR_INTERNAL', '-32603'],
    ['none', 'ERR_UNKNOWN_TOOL', '-32602'],
  ])('says that %s failed, and nothing of what was said', async (tool, errorType, code) => {
    await using collected = collectSpans();
    await using started = await startStrom(addTools);
    await started.send(modernCall(tool, { text: 'secret argument' }));
    const [span] = collected.named(`tools/call ${tool === 'none' ? '_OTHER' : tool}`);
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes['error.type']).toBe(errorType);
    expect(span?.attributes['rpc.response.status_code']).toBe(code);
    const { attributes, events, status } = span ?? {};
    expect(JSON.stringify({ attributes, events, status })).not.toContain('secret');
  });

  it('ends when the caller goes', async () => {
    await using collected = collectSpans();
    await using started = await startStrom(addTools);
    const client = await connect(started.url);
    const stop = new AbortController();
    const events = client.stream('hang', {}, { signal: stop.signal });
    await events.next();
    stop.abort();
    await expect(events.next()).rejects.toThrow();
    await started.running.close();
    await client.close();
    const [span] = collected.named('tools/call hang');
    expect(span?.attributes['error.type']).toMatch(/^ERR_(PEER_GONE|CANCELLED|SHUTTING_DOWN)$/);
  });

  it('tells plain streams from MCP, and names a prompt as a prompt', async () => {
    await using collected = collectSpans();
    await using started = await startStrom((strom) => {
      addTools(strom);
      strom.prompt('review', { description: 'Asks' }, () => 'Review this');
    });
    await (await fetch(`${started.origin}/stream/work`, { method: 'POST' })).text();
    await using client = await connect(started.url);
    await client.getPrompt('review');
    const [plain] = collected.named('tools/call work');
    expect(plain?.attributes['strom.transport']).toBe('plain-http');
    const [prompt] = collected.named('prompts/get review');
    expect(prompt?.attributes).toMatchObject({ 'gen_ai.prompt.name': 'review' });
    expect(prompt?.attributes).not.toHaveProperty(['gen_ai.tool.name']);
  });

  it('is made over stdio as well', async () => {
    await using server = new TestProcess('../observe/traced-fixture.ts');
    const params = { name: 'work', arguments: {}, _meta: { traceparent: TRACEPARENT } };
    server.write(`${modernBody('tools/call', params, 'first')}\n`);
    await server.message();
    server.child.stdin.end();
    await server.exited;
    const spans = server.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    const call = spans.find(({ name }) => name === 'tools/call work');
    expect(call).toMatchObject({
      traceId: TRACE_ID,
      parent: PARENT_ID,
      attributes: { 'network.transport': 'pipe', 'jsonrpc.request.id': 'first' },
    });
    expect(spans.find(({ name }) => name === 'inside')).toMatchObject({ parent: call.spanId });
  });
});

describe('the trace context of a client', () => {
  it.each(['stateless', 'session'] as const)('travels in _meta: %s', async (era) => {
    await using collected = collectSpans();
    await using started = await startStrom(addTools);
    await using client = await connect(started.url, { era });
    const own = trace.getTracer('test').startActiveSpan('caller', async (span) => {
      await client.call('work');
      span.end();
      return span.spanContext();
    });
    const { spanId, traceId } = await own;
    const [span] = collected.named('tools/call work');
    expect(parentOf(span)).toBe(spanId);
    expect(span?.spanContext().traceId).toBe(traceId);
  });
});

describe('a server without an SDK', () => {
  it('makes no span, and runs a call in no other surroundings', async () => {
    const names = { hasTool: () => true, hasPrompt: () => true };
    expect(registeredTracer(names)).toBeUndefined();
    await using started = await startStrom(addTools, { run: { accessLog: false } });
    let active: unknown = 'not run';
    started.strom.tool('look', { description: 'Looks' }, () => {
      active = trace.getActiveSpan();
      return 'looked';
    });
    await started.send(modernCall('look', {}, { traceparent: TRACEPARENT }));
    expect(active).toBeUndefined();
  });
});

describe('the correlation of what is written', () => {
  const field = (fields: Readonly<Record<string, unknown>> | undefined) => fields?.['correlation'];

  it('is the id of the trace, in the access line and in the line of the incident', async () => {
    await using started = await startStrom(addTools);
    await started.send(modernCall('crash', {}, { traceparent: TRACEPARENT }));
    const [incident] = started.logs.at('error');
    const access = started.logs.at('info').find(({ message }) => message === 'call');
    expect([field(incident?.fields), field(access?.fields)]).toEqual([TRACE_ID, TRACE_ID]);
  });

  it('is the trace of the span where spans are made, whatever started it', async () => {
    await using collected = collectSpans();
    await using started = await startStrom(addTools);
    await started.send(modernCall('work'));
    const access = started.logs.at('info').find(({ message }) => message === 'call');
    const [span] = collected.named('tools/call work');
    expect(field(access?.fields)).toBe(span?.spanContext().traceId);
  });

  it('is random where nobody says one, one for each request, and the same in all its lines', async () => {
    await using started = await startStrom(addTools);
    await started.send(modernCall('crash'));
    await started.send(
      modernCall('crash', {}, { traceparent: `00-${'0'.repeat(32)}-${PARENT_ID}-01` }),
    );
    const told = (level: 'error' | 'info') =>
      started.logs.at(level).flatMap(({ fields }) => field(fields) ?? []);
    expect(told('error')).toEqual(told('info'));
    expect(new Set(told('error')).size).toBe(2);
    for (const id of told('error')) expect(id).toMatch(/^[0-9a-f]{12}$/);
  });

  it('stands in the lines of requests that were refused', async () => {
    await using started = await startStrom(addTools);
    await started.send({ target: '/none', headers: [['traceparent', TRACEPARENT]] });
    const refused = started.logs.at('info').find(({ message }) => message === 'refused');
    expect(field(refused?.fields)).toBe(TRACE_ID);
  });
});
