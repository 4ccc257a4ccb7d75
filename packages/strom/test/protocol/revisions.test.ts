import { describe, expect, it } from 'vitest';
import { publicError, StromError } from '../../src/base/strom-error.ts';
import { WireError } from '../../src/base/wire-error.ts';
import type { CallEvent, Outcome } from '../../src/protocol/call-event.ts';
import type { Operation } from '../../src/protocol/operation.ts';
import type { Envelope, Revision } from '../../src/protocol/revision.ts';
import {
  negotiateSession,
  REVISION_DATES,
  revisionOf,
  unsupportedVersion,
} from '../../src/protocol/revisions/catalog.ts';

const SERVER = { name: 'srv', version: '1.2.3', title: 'Server' };
const SERVER_META =
  '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"srv","version":"1.2.3","title":"Server"}}';
const SESSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

function known(date: string): Revision {
  const revision = revisionOf(date);
  if (revision === undefined) throw new Error(`no revision ${date}`);
  return revision;
}

function envelope(operation?: Operation, progressTokenText: string | undefined = '"t"'): Envelope {
  return { operation, idText: '"i\\u0064"', progressTokenText };
}

function event(date: string, what: CallEvent, token?: string): string | undefined {
  return known(date).encodeEvent(what, {
    ...envelope(),
    ...(token && { progressTokenText: token }),
  });
}

function outcome(date: string, what: Outcome, operation?: Operation): string {
  return known(date).encodeOutcome(what, envelope(operation), SERVER);
}

const PROGRESS: CallEvent = { kind: 'progress', progress: 0.5, total: 2, message: 'half\n"way"' };
const LOG: CallEvent = { kind: 'log', level: 'notice', data: { a: ['é', null] }, logger: 'part' };
const TEXT: Outcome = { kind: 'result', result: { content: [{ type: 'text', text: 'x' }] } };

describe('revisions: events', () => {
  it.each(REVISION_DATES)('%s writes progress with the token as it was given', (date) => {
    const words = date === '2024-11-05' ? '' : ',"message":"half\\n\\"way\\""';
    expect(event(date, PROGRESS, '7')).toBe(
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":0.5,"total":2${words}}}`,
    );
    expect(
      event(date, { kind: 'progress', progress: 1, total: undefined, message: undefined }),
    ).toBe(
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"t","progress":1}}',
    );
  });

  it.each(REVISION_DATES)('%s writes no progress for a caller that gave no token', (date) => {
    const silent = { operation: undefined, idText: '1', progressTokenText: undefined };
    expect(known(date).encodeEvent(PROGRESS, silent)).toBeUndefined();
  });

  it.each(REVISION_DATES)(
    '%s writes log lines, with a stand-in for what JSON cannot say',
    (date) => {
      expect(event(date, LOG)).toBe(
        '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"notice","logger":"part","data":{"a":["é",null]}}}',
      );
      for (const [data, text] of [
        [undefined, 'null'],
        [10n, '"[not serialisable]"'],
        [() => 1, '"[not serialisable]"'],
      ]) {
        expect(event(date, { kind: 'log', level: 'debug', data, logger: undefined })).toBe(
          `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"debug","data":${text}}}`,
        );
      }
    },
  );

  it.each(REVISION_DATES)('%s has no message for a chunk', (date) => {
    expect(event(date, { kind: 'chunk', value: 'x' })).toBeUndefined();
  });

  it.each(SESSIONS)('%s writes changes without a tag, and acknowledges nothing', (date) => {
    expect(event(date, { kind: 'change', change: { topic: 'tools' } })).toBe(
      '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}',
    );
    expect(event(date, { kind: 'change', change: { topic: 'resource', uri: 'x://"' } })).toBe(
      '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x://\\""}}',
    );
    expect(event(date, { kind: 'acknowledged', filter: {} })).toBeUndefined();
  });

  it('2026-07-28 tags changes and the acknowledgment with the request they answer', () => {
    const tag = '"_meta":{"io.modelcontextprotocol/subscriptionId":"i\\u0064"}';
    const changed = (topic: 'prompts' | 'resources'): CallEvent => ({
      kind: 'change',
      change: { topic },
    });
    expect(event('2026-07-28', changed('prompts'))).toBe(
      `{"jsonrpc":"2.0","method":"notifications/prompts/list_changed","params":{${tag}}}`,
    );
    expect(
      event('2026-07-28', { kind: 'change', change: { topic: 'resource', uri: 'x://a' } }),
    ).toBe(
      `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{${tag},"uri":"x://a"}}`,
    );
    const filter = { toolsListChanged: true, resourceSubscriptions: ['x://a'] };
    expect(event('2026-07-28', { kind: 'acknowledged', filter })).toBe(
      `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{${tag},"notifications":{"toolsListChanged":true,"resourceSubscriptions":["x://a"]}}}`,
    );
  });
});

describe('revisions: results', () => {
  it.each(SESSIONS)('%s answers with the result alone and the id as written', (date) => {
    expect(outcome(date, TEXT, 'tools/call')).toBe(
      '{"jsonrpc":"2.0","id":"i\\u0064","result":{"content":[{"type":"text","text":"x"}]}}',
    );
  });

  it('2026-07-28 says of a result what it is, who made it and how long it may be kept', () => {
    expect(outcome('2026-07-28', TEXT, 'tools/call')).toBe(
      `{"jsonrpc":"2.0","id":"i\\u0064","result":{"resultType":"complete",${SERVER_META},"content":[{"type":"text","text":"x"}]}}`,
    );
    const cached: Outcome = {
      kind: 'result',
      result: Object.freeze({ tools: [] }),
      cache: { ttlMs: 60, scope: 'public' },
    };
    const expected = `{"jsonrpc":"2.0","id":"i\\u0064","result":{"resultType":"complete",${SERVER_META},"ttlMs":60,"cacheScope":"public","tools":[]}}`;
    expect(outcome('2026-07-28', cached, 'tools/list')).toBe(expected);
    expect(outcome('2026-07-28', cached, 'tools/list')).toBe(expected);
    expect(outcome('2026-07-28', { kind: 'result', result: {} }, 'tools/call')).toBe(
      `{"jsonrpc":"2.0","id":"i\\u0064","result":{"resultType":"complete",${SERVER_META}}}`,
    );
  });

  it('2026-07-28 keeps the _meta of a result beside its own', () => {
    const result = { _meta: { 'x/y': 1, 'io.modelcontextprotocol/serverInfo': 'forged' }, a: 1 };
    const answer = JSON.parse(outcome('2026-07-28', { kind: 'result', result }, 'tools/call'));
    expect(answer.result).toEqual({
      resultType: 'complete',
      _meta: { 'x/y': 1, 'io.modelcontextprotocol/serverInfo': SERVER },
      a: 1,
    });
  });

  it('2026-07-28 asks for input with its questions and its state', () => {
    const asked: Outcome = {
      kind: 'input_required',
      questions: { a: { kind: 'roots' } },
      requestState: 'sealed',
    };
    expect(outcome('2026-07-28', asked, 'tools/call')).toBe(
      `{"jsonrpc":"2.0","id":"i\\u0064","result":{"resultType":"input_required",${SERVER_META},"inputRequests":{"a":{"method":"roots/list","params":{}}},"requestState":"sealed"}}`,
    );
  });

  it('names itself and its capabilities in the answer to initialize or discover', () => {
    const described: Outcome = {
      kind: 'result',
      result: { capabilities: { tools: {} }, instructions: 'Read.' },
    };
    for (const date of SESSIONS) {
      expect(outcome(date, described, 'describe')).toBe(
        `{"jsonrpc":"2.0","id":"i\\u0064","result":{"protocolVersion":"${date}","capabilities":{"tools":{}},"serverInfo":{"name":"srv","version":"1.2.3","title":"Server"},"instructions":"Read."}}`,
      );
    }
    const dates = '["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"]';
    expect(outcome('2026-07-28', described, 'describe')).toBe(
      `{"jsonrpc":"2.0","id":"i\\u0064","result":{"resultType":"complete",${SERVER_META},"supportedVersions":${dates},"capabilities":{"tools":{}},"instructions":"Read."}}`,
    );
  });
});

describe('revisions: content that came later', () => {
  const link = { type: 'resource_link', name: 'log', uri: 'file:///log' };
  const audio = { type: 'audio', mimeType: 'audio/wav', data: 'AA==' };
  const blocks = { kind: 'result', result: { content: [link, audio] } } as const;
  const contentAt = (date: string) =>
    JSON.parse(outcome(date, blocks, 'tools/call')).result.content;

  it('becomes text for clients that would refuse the block', () => {
    const linkText = { type: 'text', text: 'log: file:///log' };
    expect(contentAt('2025-06-18')).toEqual([link, audio]);
    expect(contentAt('2025-03-26')).toEqual([linkText, audio]);
    expect(contentAt('2024-11-05')).toEqual([
      linkText,
      { type: 'text', text: '[audio, audio/wav]' },
    ]);
  });

  it('is adapted in the messages of a prompt too', () => {
    const result = { messages: [{ role: 'user', content: link }] };
    const answer = JSON.parse(outcome('2024-11-05', { kind: 'result', result }, 'prompts/get'));
    expect(answer.result.messages).toEqual([
      { role: 'user', content: { type: 'text', text: 'log: file:///log' } },
    ]);
  });

  it('is left out of structured results before any JSON value could be one', () => {
    for (const structuredContent of [[1], 'text', 7, null]) {
      const result = { content: [], structuredContent };
      for (const date of SESSIONS) {
        const answer = JSON.parse(outcome(date, { kind: 'result', result }, 'tools/call'));
        expect(answer.result).toEqual({ content: [] });
      }
      const modern = JSON.parse(outcome('2026-07-28', { kind: 'result', result }, 'tools/call'));
      expect(modern.result).toMatchObject({ structuredContent });
    }
    const result = { content: [], structuredContent: { a: 1 } };
    expect(outcome('2025-06-18', { kind: 'result', result }, 'tools/call')).toContain(
      '"structuredContent":{"a":1}',
    );
  });

  it('is left out of tool lists where only objects could be described', () => {
    const object = { name: 'a', outputSchema: { type: 'object' } };
    const list = { name: 'b', outputSchema: { type: 'array' } };
    const result = Object.freeze({ tools: [object, list], nextCursor: 'x' });
    for (const date of SESSIONS) {
      const answer = JSON.parse(outcome(date, { kind: 'result', result }, 'tools/list'));
      expect(answer.result).toEqual({ tools: [object, { name: 'b' }], nextCursor: 'x' });
    }
    const modern = JSON.parse(outcome('2026-07-28', { kind: 'result', result }, 'tools/list'));
    expect(modern.result.tools).toEqual([object, list]);
  });
});

describe('revisions: errors', () => {
  it.each(REVISION_DATES)(
    '%s tells code, public words and data, never the inner message',
    (date) => {
      const wire = { kind: 'error', error: new WireError(-5, 'odd', [1]) } as const;
      expect(outcome(date, wire)).toBe(
        '{"jsonrpc":"2.0","id":"i\\u0064","error":{"code":-5,"message":"odd","data":[1]}}',
      );
      const secret = { kind: 'error', error: new StromError('ERR_INTERNAL', 'hunter2') } as const;
      expect(outcome(date, secret)).toBe(
        '{"jsonrpc":"2.0","id":"i\\u0064","error":{"code":-32603,"message":"The request could not be completed."}}',
      );
    },
  );

  it('gives an unknown resource the code of the revision', () => {
    const error = publicError('ERR_UNKNOWN_RESOURCE', 'Resource not found', { uri: 'x://' });
    const codeAt = (date: string) => JSON.parse(outcome(date, { kind: 'error', error })).error.code;
    expect(SESSIONS.map(codeAt)).toEqual([-32002, -32002, -32002, -32002]);
    expect(codeAt('2026-07-28')).toBe(-32602);
  });
});

describe('revision catalog', () => {
  it('opens a session with the revision that was asked for, else the newest', () => {
    for (const date of SESSIONS) expect(negotiateSession(date).date).toBe(date);
    for (const odd of ['2026-07-28', '1999-01-01', '__proto__', 7, undefined, null]) {
      expect(negotiateSession(odd).date).toBe('2025-11-25');
    }
  });

  it('lists every revision it speaks to whoever asks for another', () => {
    expect(unsupportedVersion('1999-01-01')).toMatchObject({
      code: 'ERR_UNSUPPORTED_VERSION',
      data: { supported: REVISION_DATES, requested: '1999-01-01' },
    });
  });
});
