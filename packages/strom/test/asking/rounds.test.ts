import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Strom } from '../../src/serve/strom.ts';
import { question } from '../../src/server/asked.ts';
import { META_PREFIX, modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { jsonOf, rpcCodeOf } from '../harness/raw-http.ts';
import { type Started, type StartOptions, startStrom } from '../harness/start-strom.ts';
import { TestClock } from '../harness/test-clock.ts';
import '../faults/support/base-line.ts';

const CAPABILITIES = { elicitation: {}, sampling: {}, roots: {} };
const nameForm = z.object({ name: z.string() });

let stepRuns = 0;

function register(strom: Strom): void {
  strom.tool(
    'greet',
    { description: 'Asks for a name', input: z.object({ loud: z.boolean() }) },
    async ({ loud }, ctx) => {
      const answer = await ctx.ask('Your name?', nameForm, { key: 'name' });
      if (answer.action !== 'accept') return `no name: ${answer.action}`;
      return loud ? answer.content.name.toUpperCase() : answer.content.name;
    },
  );
  strom.tool('survey', { description: 'Asks twice, works once' }, async (_args, ctx) => {
    const run = await ctx.step('count', () => {
      stepRuns += 1;
      return stepRuns;
    });
    const first = await ctx.ask('First?', nameForm);
    const second = await ctx.ask('Second?', nameForm);
    return JSON.stringify({ run, first, second });
  });
  strom.tool('three', { description: 'Asks three things at once' }, async (_args, ctx) => {
    const { who, folders } = await ctx.askAll({
      who: question.form('Who?', nameForm),
      model: question.sample({ messages: [], maxTokens: 5 }),
      folders: question.roots(),
    });
    return `${who.action} ${folders.length}`;
  });
  let flips = 0;
  strom.tool('fickle', { description: 'Changes its mind' }, async (_args, ctx) => {
    flips += 1;
    await ctx.ask('Same?', nameForm, { key: flips === 1 ? 'before' : 'after' });
    await ctx.ask('More?', nameForm, { key: 'more' });
    return 'done';
  });
}

interface Round {
  readonly resultType?: string;
  readonly inputRequests?: Record<string, { method: string }>;
  readonly requestState?: string;
  readonly content?: { text: string }[];
}

interface CallOptions {
  readonly tool: string;
  readonly params?: Record<string, unknown>;
  readonly capabilities?: Record<string, unknown>;
}

async function call(server: Started, options: CallOptions) {
  const { tool, params = {}, capabilities = CAPABILITIES } = options;
  const body = modernBody('tools/call', {
    arguments: {},
    ...params,
    name: tool,
    _meta: { [`${META_PREFIX}clientCapabilities`]: capabilities },
  });
  const answer = await server.send({ headers: modernHeaders('tools/call', tool), body });
  return { answer, round: (jsonOf(answer)['result'] ?? {}) as Round };
}

const accept = (name: string) => ({ action: 'accept', content: { name } });

function start(options?: StartOptions): Promise<Started> {
  return startStrom(register, options);
}

describe('questions in rounds', () => {
  it('ends the first round with the question and completes with the answer', async () => {
    await using server = await start();
    const params = { arguments: { loud: true } };
    const first = await call(server, { tool: 'greet', params });
    expect(first.round.resultType).toBe('input_required');
    expect(first.round.inputRequests).toEqual({
      name: {
        method: 'elicitation/create',
        params: {
          message: 'Your name?',
          requestedSchema: {
            type: 'object',
            properties: { name: { type: 'string' } },
            required: ['name'],
          },
        },
      },
    });
    const { requestState } = first.round;
    const second = await call(server, {
      tool: 'greet',
      params: { ...params, requestState, inputResponses: { name: accept('Ann') } },
    });
    expect(second.round.content?.[0]?.text).toBe('ANN');
  });

  it('runs a step once over all rounds and replays earlier answers in order', async () => {
    await using server = await start();
    const before = stepRuns;
    const first = await call(server, { tool: 'survey' });
    const second = await call(server, {
      tool: 'survey',
      params: {
        requestState: first.round.requestState,
        inputResponses: { 'question-1': accept('one') },
      },
    });
    expect(Object.keys(second.round.inputRequests ?? {})).toEqual(['question-2']);
    expect(second.round.requestState).not.toBe(first.round.requestState);
    const third = await call(server, {
      tool: 'survey',
      params: {
        requestState: second.round.requestState,
        inputResponses: { 'question-2': accept('two') },
      },
    });
    expect(JSON.parse(third.round.content?.[0]?.text ?? '')).toEqual({
      run: before + 1,
      first: accept('one'),
      second: accept('two'),
    });
    expect(stepRuns).toBe(before + 1);
  });

  it('asks several questions at once and asks again for what is missing', async () => {
    await using server = await start();
    const first = await call(server, { tool: 'three' });
    expect(Object.keys(first.round.inputRequests ?? {})).toEqual(['who', 'model', 'folders']);
    const second = await call(server, {
      tool: 'three',
      params: {
        requestState: first.round.requestState,
        inputResponses: { who: accept('x'), folders: { roots: [] }, stranger: 1 },
      },
    });
    expect(Object.keys(second.round.inputRequests ?? {})).toEqual(['model']);
    const answer = { role: 'assistant', model: 'm', content: { type: 'text', text: 'hi' } };
    const third = await call(server, {
      tool: 'three',
      params: { requestState: second.round.requestState, inputResponses: { model: answer } },
    });
    expect(third.round.content?.[0]?.text).toBe('accept 0');
  });

  it.each([
    ['a number', 12_345],
    ['an answer without an action', { content: {} }],
    ['content that breaks the schema', { action: 'accept', content: { name: 7 } }],
  ])('refuses %s as an answer', async (_what, name) => {
    await using server = await start();
    const { answer } = await call(server, {
      tool: 'greet',
      params: { arguments: { loud: false }, inputResponses: { name } },
    });
    expect(rpcCodeOf(answer)).toBe(-32602);
    await server.checkAlive();
  });

  it('names the capability that a client lacks', async () => {
    await using server = await start();
    const { answer } = await call(server, {
      tool: 'greet',
      capabilities: { sampling: {} },
      params: { arguments: { loud: true } },
    });
    expect(answer.status).toBe(400);
    expect(jsonOf(answer)['error']).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { elicitation: {} } },
    });
  });

  it('says what changed when a handler asks something else than before', async () => {
    await using server = await start();
    const first = await call(server, { tool: 'fickle' });
    const { answer } = await call(server, {
      tool: 'fickle',
      params: {
        requestState: first.round.requestState,
        inputResponses: { before: accept('x') },
      },
    });
    const { error } = jsonOf(answer) as { error: { code: number; message: string } };
    expect(error.code).toBe(-32603);
    expect(error.message).toContain('"after"');
    expect(error.message).toContain('"before"');
  });
});

describe('F10, I09: requestState', () => {
  const params = { arguments: { loud: true } };
  const inputResponses = { name: accept('Ann') };

  async function stateOf(server: Started): Promise<string> {
    const { round } = await call(server, { tool: 'greet', params });
    return round.requestState ?? '';
  }

  async function retry(server: Started, requestState: unknown, args = params.arguments) {
    const { answer } = await call(server, {
      tool: 'greet',
      params: { arguments: args, requestState, inputResponses },
    });
    return answer;
  }

  it('is refused when any character of it is changed', async () => {
    await using server = await start();
    const state = await stateOf(server);
    for (const at of [0, 10, Math.floor(state.length / 2), state.length - 2]) {
      const flipped = state[at] === 'A' ? 'B' : 'A';
      const forged = state.slice(0, at) + flipped + state.slice(at + 1);
      expect(rpcCodeOf(await retry(server, forged))).toBe(-32602);
    }
    for (const forged of [`${state}-TAMPERED`, '', 'x', `${state}=`, state.slice(0, -4)]) {
      expect(rpcCodeOf(await retry(server, forged))).toBe(-32602);
    }
    expect(rpcCodeOf(await retry(server, state))).toBeUndefined();
  });

  it('is refused for other arguments and for another tool', async () => {
    await using server = await start();
    const state = await stateOf(server);
    expect(rpcCodeOf(await retry(server, state, { loud: false }))).toBe(-32602);
    const { answer } = await call(server, { tool: 'survey', params: { requestState: state } });
    expect(rpcCodeOf(answer)).toBe(-32602);
  });

  it('holds nothing a client could read', async () => {
    await using server = await start();
    const state = await stateOf(server);
    const bytes = Buffer.from(state, 'base64url').toString('latin1');
    expect(bytes).not.toContain('name');
    expect(bytes).not.toContain('asked');
  });

  it('expires', async () => {
    const clock = new TestClock();
    await using server = await start({ server: { clock, stateTtlMs: 1000 } });
    const state = await stateOf(server);
    clock.advance(1001);
    expect(rpcCodeOf(await retry(server, state))).toBe(-32602);
  });

  it('survives a rotation of keys and a change of process', async () => {
    const [oldKey, newKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    await using before = await start({ server: { stateKeys: [oldKey] } });
    const state = await stateOf(before);
    await using after = await start({ server: { stateKeys: [newKey, oldKey] } });
    expect(rpcCodeOf(await retry(after, state))).toBeUndefined();
    await using later = await start({ server: { stateKeys: [newKey] } });
    expect(rpcCodeOf(await retry(later, state))).toBe(-32602);
  });

  it('refuses keys of the wrong length at once', () => {
    return expect(start({ server: { stateKeys: [new Uint8Array(16)] } })).rejects.toThrow(
      TypeError,
    );
  });
});
