import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeUtf8,
  MAX_BATCH,
  MAX_ID_CHARS,
  parseInput,
} from '../../src/protocol/parse-message.ts';

function parseOne(text: string) {
  const { messages, isBatch } = parseInput(text);
  expect(isBatch).toBe(false);
  expect(messages).toHaveLength(1);
  return messages[0];
}

function request(idText: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"method":"ping"}`;
}

const codeOf = (code: string) => expect.objectContaining({ code });

describe('parseInput: ids', () => {
  it.each(['0', '-7', '1.0', '1e2', '9007199254740991', '""', '"a"', '"\\u00e9 \\n"'])(
    'takes %s and keeps it as written',
    (idText) => {
      expect(parseOne(request(idText))).toMatchObject({
        kind: 'request',
        id: JSON.parse(idText),
        idText,
      });
    },
  );

  it.each([
    'null',
    '1.5',
    '9007199254740993',
    '12345678901234567890',
    '1e400',
    '{}',
    '[1]',
    'true',
    `"${'x'.repeat(MAX_ID_CHARS)}"`,
  ])('refuses %s', (idText) => {
    expect(parseOne(request(idText))).toMatchObject({
      kind: 'invalid',
      idText: undefined,
      error: { code: 'ERR_INVALID_REQUEST' },
    });
  });
});

describe('parseInput: one message', () => {
  it('tells requests, notifications, results and errors apart', () => {
    expect(parseOne('{"jsonrpc":"2.0","method":"m","params":{"a":1}}')).toEqual({
      kind: 'notification',
      method: 'm',
      params: { a: 1 },
    });
    expect(parseOne('{"jsonrpc":"2.0","id":"x","result":null}')).toEqual({
      kind: 'response',
      id: 'x',
      result: null,
    });
    expect(
      parseOne('{"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"no","data":[1]}}'),
    ).toEqual({ kind: 'response', id: 2, error: { code: -1, message: 'no', data: [1] } });
    expect(parseOne('{"jsonrpc":"2.0","error":{"code":-32700,"message":"?"}}')).toMatchObject({
      kind: 'response',
      id: undefined,
    });
  });

  it.each([
    '{"id":1,"method":"m"}',
    '{"jsonrpc":"1.0","id":1,"method":"m"}',
    '{"jsonrpc":2.0,"id":1,"method":"m"}',
    '{"jsonrpc":"2.0","id":1,"method":7}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":[]}',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":null}',
    '{"jsonrpc":"2.0","id":1,"method":"m","result":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"m","error":{}}',
  ])('refuses %s and keeps its id for the answer', (text) => {
    expect(parseOne(text)).toMatchObject({ kind: 'invalid', idText: '1' });
  });

  it.each([
    '1',
    '"text"',
    'null',
    '{"jsonrpc":"2.0"}',
    '{"jsonrpc":"2.0","result":{}}',
    '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1.5}}',
    '{"jsonrpc":"2.0","id":1,"error":"no"}',
  ])('refuses %s', (text) => {
    expect(parseOne(text)).toMatchObject({
      kind: 'invalid',
      error: { code: 'ERR_INVALID_REQUEST' },
    });
  });

  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    'NaN',
    '\uFEFF{}',
    '{}{}',
    "{'a':1}",
    '{"a":01}',
    ']]]',
    '"\n"',
  ])('says of %j that it is no JSON', (text) => {
    expect(() => parseInput(text)).toThrow(codeOf('ERR_PARSE'));
  });

  it('refuses what nests too deep and what names a key twice', () => {
    const deep = `{"a":${'['.repeat(64)}${']'.repeat(64)}}`;
    expect(() => parseInput(deep)).toThrow(codeOf('ERR_INVALID_REQUEST'));
    expect(() => parseInput('{"id":1,"id":2}')).toThrow(codeOf('ERR_INVALID_REQUEST'));
  });

  it('takes __proto__ and constructor for plain data', () => {
    const text =
      '{"jsonrpc":"2.0","id":1,"method":"m","params":{"__proto__":{"polluted":1},"constructor":2}}';
    const parsed = parseOne(text);
    expect(parsed).toMatchObject({ kind: 'request' });
    const { params } = parsed as { params: object };
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
    expect(Object.hasOwn(params, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('does not take an inherited envelope key for its own', () => {
    const text = '{"__proto__":{"jsonrpc":"2.0","id":1,"method":"m"}}';
    expect(parseOne(text)).toMatchObject({ kind: 'invalid' });
  });

  it('parses or refuses any mutation of a message, and fails in no other way', () => {
    const valid = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{}}}';
    const edit = fc.tuple(fc.nat(valid.length), fc.nat(8), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const text = edits.reduce(
          (before, [at, cut, put]) => before.slice(0, at) + put + before.slice(at + cut),
          valid,
        );
        try {
          parseInput(text);
        } catch (error) {
          expect(['ERR_PARSE', 'ERR_INVALID_REQUEST']).toContain((error as { code: string }).code);
        }
      }),
    );
  });
});

describe('parseInput: batches', () => {
  const batchOf = (count: number): string =>
    `[${Array.from({ length: count }, (_, index) => request(String(index))).join(',')}]`;

  it('keeps the order, and the faults of one message away from its neighbours', () => {
    const { messages, isBatch } = parseInput(
      `[${request('1')},3,{"jsonrpc":"2.0","method":"n"},[${request('9')}],${request('null')},${request('"1"')}]`,
    );
    expect(isBatch).toBe(true);
    expect(messages.map(({ kind }) => kind)).toEqual([
      'request',
      'invalid',
      'notification',
      'invalid',
      'invalid',
      'request',
    ]);
    expect(messages[5]).toMatchObject({ id: '1', idText: '"1"' });
  });

  it(`takes ${MAX_BATCH} messages and refuses one more, none, and equal ids`, () => {
    expect(parseInput(batchOf(MAX_BATCH)).messages).toHaveLength(MAX_BATCH);
    for (const text of [batchOf(MAX_BATCH + 1), '[]', `[${request('1')},${request('1.0')}]`]) {
      expect(() => parseInput(text)).toThrow(codeOf('ERR_INVALID_REQUEST'));
    }
  });
});

describe('decodeUtf8', () => {
  it('restores any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['no character', [0xff, 0xfe]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character cut short', [0xe4, 0xb8]],
    ['a lone continuation', [0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('refuses bytes that are %s', (_, bytes) => {
    const quoted = Uint8Array.from([0x22, ...bytes, 0x22]);
    expect(() => decodeUtf8(quoted)).toThrow(codeOf('ERR_PARSE'));
  });

  it('keeps a byte order mark, which is no JSON', () => {
    expect(decodeUtf8(Uint8Array.from([0xef, 0xbb, 0xbf]))).toBe('\uFEFF');
  });
});
