import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanEnvelope } from '../../src/protocol/scan-envelope.ts';

const refused = expect.objectContaining({ code: 'ERR_INVALID_REQUEST' });

function millisecondsOf(work: () => unknown): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

function keysOf(count: number): string {
  return Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',');
}

describe('scanEnvelope', () => {
  it.each([
    ['{"id":1}', '1'],
    ['{ "id" : 1.0 , "method":"x"}', '1.0'],
    ['{"method":"x","id":"\\u0061\\"b"}', '"\\u0061\\"b"'],
    ['{"method":"x","id":\n-0\t}', '-0'],
    ['{"\\u0069d":7}', '7'],
    ['{"params":{"id":5,"_meta":{"id":6}},"id":4}', '4'],
    ['{"params":[{"id":5}],"id":4}', '4'],
    ['{"result":{"id":5}}', undefined],
  ])('tells how the id of %s was written', (text, id) => {
    expect(scanEnvelope(text, 64)).toEqual([id]);
  });

  it('tells the ids of a batch in order, one per object', () => {
    expect(scanEnvelope('[{"id":1},2,{"method":"n"},[{"id":9}],{"id":"3"}]', 64)).toEqual([
      '1',
      undefined,
      '"3"',
    ]);
  });

  it('echoes any id byte for byte', () => {
    const id = fc.oneof(fc.integer(), fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(id, fc.jsonValue({ maxDepth: 3 }), (value, params) => {
        const text = JSON.stringify({ jsonrpc: '2.0', params: { params }, id: value, method: 'm' });
        expect(scanEnvelope(text, 64)).toEqual([JSON.stringify(value)]);
      }),
    );
  });

  it.each([
    '{"id":1,"id":2}',
    '{"method":"a","params":{},"method":"b"}',
    '{"method":"a","\\u006dethod":"b"}',
    '{"params":{"name":"a","n\\u0061me":"b"}}',
    '{"params":{"_meta":{"k":1,"k":2}}}',
    '{"params":{"__proto__":1,"__proto__":2}}',
    '[{"id":1},{"id":2,"x":1,"x":2}]',
    '{"params":{},"params":{}}',
  ])('refuses %s, whose envelope names a key twice', (text) => {
    expect(() => scanEnvelope(text, 64)).toThrow(refused);
  });

  it.each([
    '{"params":{"arguments":{"a":1,"a":2}}}',
    '{"params":{"a":{"_meta":{"k":1,"k":2}}}}',
    '{"result":{"k":1,"k":2},"params":[{"k":1,"k":2}]}',
    '{"a":{"k":1},"b":{"k":1}}',
    '[{"k":1},{"k":1}]',
  ])('leaves the data in %s alone', (text) => {
    expect(() => scanEnvelope(text, 64)).not.toThrow();
  });

  it('accepts 64 levels and refuses 65, whatever they are made of', () => {
    const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    for (const nest of [objects, arrays]) {
      expect(() => scanEnvelope(nest(64), 64)).not.toThrow();
      expect(() => scanEnvelope(nest(65), 64)).toThrow(refused);
    }
    expect(() => scanEnvelope(`{"a":"${'['.repeat(100)}"}`, 64)).not.toThrow();
  });

  it('accepts 1024 keys in an envelope and refuses one more', () => {
    expect(() => scanEnvelope(`{"params":{${keysOf(1024)}}}`, 64)).not.toThrow();
    expect(() => scanEnvelope(`{"params":{${keysOf(1025)}}}`, 64)).toThrow(refused);
  });

  it('walks any text without failing in another way', () => {
    const unit = fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'id', '1', ' ', 'params');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        try {
          scanEnvelope(text, 8);
        } catch (error) {
          expect(error).toEqual(refused);
        }
      }),
    );
  });

  it.each([
    ['one string', `{"a":"${'x'.repeat(4_000_000)}"}`],
    ['escapes', `{"a":"${'\\\\'.repeat(2_000_000)}"}`],
    ['escaped quotes', `{"a":"${'\\"'.repeat(2_000_000)}"}`],
    ['a string without end', `{"a":"${'\\'.repeat(4_000_000)}`],
    ['arguments', `{"params":{"arguments":{${keysOf(400_000)}}}}`],
    ['blanks', `{"a"${' '.repeat(4_000_000)}:1}`],
    ['closing brackets', ']'.repeat(4_000_000)],
    ['closing braces after a message', `{"id":1}${'}'.repeat(4_000_000)}`],
    ['empty objects', '{}'.repeat(2_000_000)],
    ['quotes', '"'.repeat(4_000_000)],
    ['numbers', `[${'1,'.repeat(2_000_000)}1]`],
  ])('takes 4 MB of %s within half a second', (_, text) => {
    expect(millisecondsOf(() => scanEnvelope(text, 64))).toBeLessThan(500);
  });
});
