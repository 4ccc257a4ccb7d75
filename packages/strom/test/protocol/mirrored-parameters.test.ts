import { describe, expect, it } from 'vitest';
import { mirroredParameters, mirroredText } from '../../src/protocol/mirrored-parameters.ts';

const property = (mark: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': mark });
const objectOf = (properties: Record<string, unknown>) => ({ type: 'object', properties });

describe('mirroredParameters', () => {
  it('finds marks along chains of properties, whatever the properties are called', () => {
    const schema = objectOf({
      region: property('Region'),
      constructor: property('Made-By', 'integer'),
      properties: { type: 'object', properties: { deep: property('Deep', 'boolean') } },
      'x-mcp-header': property('Odd'),
      plain: { type: 'string' },
    });
    expect(mirroredParameters(schema)).toMatchObject([
      { path: ['region'], header: 'Mcp-Param-Region' },
      { path: ['constructor'], header: 'Mcp-Param-Made-By' },
      { path: ['properties', 'deep'], header: 'Mcp-Param-Deep' },
      { path: ['x-mcp-header'], header: 'Mcp-Param-Odd' },
    ]);
  });

  it('takes no key of a value for a mark', () => {
    const value = { 'x-mcp-header': 'Region' };
    const schema = objectOf({
      a: { type: 'object', default: value, const: value, enum: [value], examples: [value] },
    });
    expect(mirroredParameters(schema)).toEqual([]);
  });

  it.each<[unknown, string]>([
    ['', 'an empty name'],
    ['A\r\nSet-Cookie: x', 'a line break'],
    ['Ä', 'no ASCII'],
    ['a b', 'a blank'],
    ['a:b', 'a colon'],
    ['a\tb', 'a tab'],
    [7, 'a number for a name'],
    [null, 'null for a name'],
    [['Region'], 'a list for a name'],
  ])('refuses %j: %s', (mark) => {
    expect(() => mirroredParameters(objectOf({ a: property(mark) }))).toThrow(TypeError);
  });

  it.each(['number', 'object', 'array', 'null', undefined, ['string', 'null']])(
    'refuses a mark on type %j',
    (type) => {
      const a = { type, 'x-mcp-header': 'A' };
      expect(() => mirroredParameters(objectOf({ a }))).toThrow(TypeError);
    },
  );

  it('refuses names that differ in case only', () => {
    const schema = objectOf({ a: property('Region'), b: property('rEGION') });
    expect(() => mirroredParameters(schema)).toThrow(TypeError);
  });

  it.each([
    ['items', objectOf({ a: { type: 'array', items: property('A') } })],
    ['prefixItems', objectOf({ a: { type: 'array', prefixItems: [property('A')] } })],
    ['oneOf', { ...objectOf({}), oneOf: [objectOf({ a: property('A') })] }],
    ['allOf', { ...objectOf({}), allOf: [objectOf({ a: property('A') })] }],
    ['not', { ...objectOf({}), not: property('A') }],
    ['else', { ...objectOf({}), if: true, else: objectOf({ a: property('A') }) }],
    ['$ref', { ...objectOf({ a: { $ref: '#/$defs/a' } }), $defs: { a: property('A') } }],
    ['additionalProperties', { ...objectOf({}), additionalProperties: property('A') }],
    ['patternProperties', { ...objectOf({}), patternProperties: { '^a': property('A') } }],
    [
      'dependentSchemas',
      { ...objectOf({}), dependentSchemas: { a: objectOf({ a: property('A') }) } },
    ],
    ['the root', { ...objectOf({}), 'x-mcp-header': 'A' }],
  ])('refuses a mark under %s', (_, schema) => {
    expect(() => mirroredParameters(schema)).toThrow(TypeError);
  });
});

describe('mirroredText', () => {
  const [parameter] = mirroredParameters(
    objectOf({ outer: objectOf({ constructor: property('X') }) }),
  );

  it.each([
    [{ outer: { constructor: 'a b' } }, 'a b'],
    [{ outer: { constructor: 42 } }, '42'],
    [{ outer: { constructor: false } }, 'false'],
    [{ outer: { constructor: '' } }, ''],
    [{ outer: { constructor: null } }, undefined],
    [{ outer: { constructor: {} } }, undefined],
    [{ outer: {} }, undefined],
    [{ outer: 'text' }, undefined],
    [{}, undefined],
  ])('reads own properties only: %j gives %j', (args, text) => {
    expect(parameter && mirroredText(parameter, args)).toBe(text);
  });
});
