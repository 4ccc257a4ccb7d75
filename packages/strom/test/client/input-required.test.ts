import { describe, expect, it } from 'vitest';
import type { ConnectOptions } from '../../src/client/client-options.ts';
import { connect } from '../../src/client/connect.ts';
import { ManualClock } from './manual-clock.ts';
import { answer, type RawRequest, serveRaw, statelessPeer, TEXT_RESULT } from './peers/raw-http.ts';
import { STATELESS } from './peers/revisions.ts';

const form = (key: string): object => ({
  [key]: {
    method: 'elicitation/create',
    params: { message: `What is ${key}?`, requestedSchema: { type: 'object', properties: {} } },
  },
});

const asks = (fields: object): object => ({ resultType: 'input_required', ...fields });

/** A server that answers the calls of a tool with these results, one after the other. */
async function withResults(
  results: readonly object[],
  options: ConnectOptions,
  test: (call: () => Promise<unknown>, calls: () => RawRequest['message'][]) => Promise<unknown>,
): Promise<void> {
  const left = [...results];
  await using server = await serveRaw(
    statelessPeer(
      ({ message }, res) => answer(res, message.id, left.shift() ?? TEXT_RESULT),
      STATELESS,
    ),
  );
  await using client = await connect(server.url, options);
  await test(
    () => client.call('any', { a: 1 }),
    () => server.requests.slice(1).map(({ message }) => message),
  );
}

const accepting: ConnectOptions = {
  handlers: { elicit: ({ message }) => ({ action: 'accept', content: { answer: message } }) },
};

describe('a result that asks for input', () => {
  it('is answered by a new request with the answers', async () => {
    await withResults([asks({ inputRequests: form('x') })], accepting, async (call, calls) => {
      expect(await call()).toMatchObject(TEXT_RESULT);
      const [first, second] = calls();
      expect(second?.id).not.toBe(first?.id);
      expect(second?.params).toMatchObject({
        name: 'any',
        arguments: { a: 1 },
        inputResponses: { x: { action: 'accept', content: { answer: 'What is x?' } } },
      });
      expect(second?.params).not.toHaveProperty('requestState');
    });
  });

  it('may ask several things at once', async () => {
    const inputRequests = {
      ...form('a'),
      ...form('__proto__x'),
      roots: { method: 'roots/list' },
      model: { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } },
    };
    const sampled = {
      role: 'assistant',
      model: 'm',
      content: { type: 'text', text: 'hi' },
    } as const;
    const options: ConnectOptions = {
      handlers: {
        ...accepting.handlers,
        roots: () => [{ uri: 'file:///a' }],
        sample: () => sampled,
      },
    };
    await withResults([asks({ inputRequests })], options, async (call, calls) => {
      await call();
      expect(calls()[1]?.params?.['inputResponses']).toMatchObject({
        a: { action: 'accept' },
        roots: { roots: [{ uri: 'file:///a' }] },
        model: sampled,
      });
    });
  });

  it('has its state repeated byte for byte, and only on that retry', async () => {
    const requestState = ' {"a":1.0,"b":"\\u00e9"}\u0000…== ';
    const results = [
      asks({ inputRequests: form('x'), requestState }),
      asks({ inputRequests: form('y') }),
    ];
    await withResults(results, accepting, async (call, calls) => {
      await call();
      const [first, second, third] = calls().map(({ params }) => params);
      expect(first).not.toHaveProperty('requestState');
      expect(second?.['requestState']).toBe(requestState);
      expect(third).not.toHaveProperty('requestState');
      expect(third?.['inputResponses']).toEqual({ y: expect.anything() });
      await call();
      expect(calls().at(-1)?.params).not.toHaveProperty('inputResponses');
    });
  });

  it('passes a refusal of the user on', async () => {
    const options: ConnectOptions = { handlers: { elicit: () => ({ action: 'decline' }) } };
    await withResults([asks({ inputRequests: form('x') })], options, async (call, calls) => {
      await call();
      expect(calls()[1]?.params?.['inputResponses']).toEqual({ x: { action: 'decline' } });
    });
  });

  it('is a clear error where nobody can answer', async () => {
    await withResults([asks({ inputRequests: form('x') })], {}, async (call, calls) => {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_NO_HANDLER' });
      expect(calls()).toHaveLength(1);
    });
  });

  it.each([
    ['asks for nothing', {}],
    ['has no object of questions', { inputRequests: [] }],
    ['has a question that is none', { inputRequests: { x: 1 } }],
    ['has a state that is no text', { requestState: 1 }],
    [
      'asks without end at once',
      {
        inputRequests: Object.fromEntries(
          Array.from({ length: 100 }, (_, i) => [i, { method: 'roots/list' }]),
        ),
      },
    ],
  ])('that %s is refused', async (_name, fields) => {
    await withResults([asks(fields)], accepting, async (call) => {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
    });
  });

  it('of an unknown kind of question is a clear error', async () => {
    await withResults(
      [asks({ inputRequests: { x: { method: 'tools/call' } } })],
      accepting,
      async (call) => {
        await expect(call()).rejects.toMatchObject({ code: 'ERR_NO_HANDLER' });
      },
    );
  });

  it('cannot go on for ever', async () => {
    const endless = Array.from({ length: 50 }, () => asks({ inputRequests: form('x') }));
    await withResults(endless, { ...accepting, maxRounds: 3 }, async (call, calls) => {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_ROUND_LIMIT' });
      expect(calls()).toHaveLength(4);
    });
  });

  it('is asked for again only after a pause where it has nothing but a state', async () => {
    const clock = new ManualClock();
    const results = [asks({ requestState: 's' }), asks({ requestState: 't' })];
    await withResults(results, { ...accepting, clock }, async (call, calls) => {
      const result = call();
      await clock.whenTimer((delayMs) => delayMs >= 250 && delayMs <= 500);
      expect(calls()).toHaveLength(1);
      clock.advance(500);
      await clock.whenTimer((delayMs) => delayMs > 500 && delayMs <= 1_000);
      expect(calls()[1]?.params?.['requestState']).toBe('s');
      clock.advance(1_000);
      expect(await result).toMatchObject(TEXT_RESULT);
    });
  });

  it('stops asking when the call is cancelled', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(
      statelessPeer(({ message }, res) => {
        answer(res, message.id, asks({ inputRequests: form('x') }));
      }, STATELESS),
    );
    let reason: unknown;
    await using client = await connect(server.url, {
      handlers: {
        elicit: (_form, { signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              reason = signal.reason;
            });
            controller.abort();
          }),
      },
    });
    const call = client.call('any', {}, { signal: controller.signal });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    expect(reason).toMatchObject({ code: 'ERR_CANCELLED' });
  });

  it('works for prompts and resources as well', async () => {
    const results = [
      asks({ inputRequests: form('x') }),
      { contents: [] },
      asks({ inputRequests: form('x') }),
      { messages: [] },
    ];
    await using server = await serveRaw(
      statelessPeer(
        ({ message }, res) => answer(res, message.id, results.shift() ?? {}),
        STATELESS,
      ),
    );
    await using client = await connect(server.url, accepting);
    expect(await client.readResource('a:b')).toEqual({ contents: [] });
    expect(await client.getPrompt('p')).toEqual({ messages: [] });
  });
});
