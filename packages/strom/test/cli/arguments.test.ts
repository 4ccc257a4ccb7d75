import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeArguments,
  misfits,
  unnamedArguments,
} from '../../src/cli/arguments/describe-arguments.ts';
import { parsePairs } from '../../src/cli/arguments/parse-pairs.ts';
import { typeArguments } from '../../src/cli/arguments/type-arguments.ts';

const usage = expect.objectContaining({ code: 'usage' });

describe('parsePairs', () => {
  it('takes any text after the first equals sign', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parsePairs([`name=${text}`]).get('name')).toEqual({ kind: 'text', texts: [text] });
      }),
    );
  });

  it('takes any JSON value after :=', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parsePairs([`name:=${text}`]).get('name')).toEqual({
          kind: 'json',
          value: JSON.parse(text),
        });
      }),
    );
  });

  it('keeps names such as __proto__ as names', () => {
    const args = typeArguments(parsePairs(['__proto__=x', 'constructor:=1']), undefined);
    expect(Object.entries(args)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 1],
    ]);
    expect(Object.getPrototypeOf(args)).toBe(Object.prototype);
  });

  it.each([['word'], ['=text'], [':=1'], ['a:={'], ['a:=1', 'a=2'], ['a:=1', 'a:=1']])(
    'refuses %s',
    (...words) => {
      expect(() => parsePairs(words)).toThrow(usage);
    },
  );
});

describe('typeArguments', () => {
  const typed = (word: string, schema: object): unknown =>
    typeArguments(parsePairs([word]), { properties: { a: schema } })['a'];

  it.each([
    ['a=1', { type: 'integer' }, 1],
    ['a=1.5', { type: 'integer' }, '1.5'],
    ['a=1.5', { type: 'number' }, 1.5],
    ['a=1', { type: 'string' }, '1'],
    ['a=1', { type: ['string', 'number'] }, '1'],
    ['a=1', { type: ['number', 'null'] }, 1],
    ['a=null', { type: ['number', 'null'] }, null],
    ['a=true', { type: 'boolean' }, true],
    ['a=yes', { type: 'boolean' }, 'yes'],
    ['a={"b":1}', { type: 'object' }, { b: 1 }],
    ['a=x', { type: 'array', items: { type: 'string' } }, ['x']],
    ['a=["x","y"]', { type: 'array', items: { type: 'string' } }, ['x', 'y']],
    ['a=1', { anyOf: [{ type: 'number' }] }, '1'],
    ['a=1', {}, '1'],
  ])('%s with %j is %j', (word, schema, value) => {
    expect(typed(word, schema)).toEqual(value);
  });

  it('makes a list of a name that is repeated, where the schema has a list', () => {
    const schema = { properties: { a: { type: 'array', items: { type: 'integer' } } } };
    expect(typeArguments(parsePairs(['a=1', 'a=2']), schema)).toEqual({ a: [1, 2] });
    expect(() => typeArguments(parsePairs(['a=1', 'a=2']), {})).toThrow(usage);
  });
});

describe('describeArguments', () => {
  it('names what is needed first, each as it is typed', () => {
    const schema = {
      properties: {
        depth: { type: 'integer' },
        folder: { type: 'string' },
        paths: { type: 'array', items: { type: 'string' } },
        mode: { enum: ['fast', 'good'] },
        options: { type: 'object' },
        either: { anyOf: [] },
      },
      required: ['folder'],
    };
    expect(describeArguments(schema)).toBe(
      'folder=<string> [depth=<integer>] [paths=<string>…] [mode=fast|good] ' +
        '[options:=<json>] [either:=<json>]',
    );
    expect(describeArguments(undefined)).toBe('');
  });
});

describe('misfits', () => {
  const schema = { properties: { a: {}, b: {} }, required: ['a'] };

  it.each([
    [{ a: 1 }, false],
    [{ a: 1, b: 2 }, false],
    [{}, true],
    [{ a: 1, c: 3 }, true],
  ])('%j: %s', (args, isMisfit) => {
    expect(misfits(args, schema)).toBe(isMisfit);
  });
});

describe('unnamedArguments', () => {
  const properties = { count: {} };

  it.each([
    ['what it does not name', { properties }, ['coun']],
    ['what it does not name and refuses', { properties, additionalProperties: false }, ['coun']],
    ['anything, where it names nothing', undefined, ['count', 'coun']],
    ['nothing, where more is welcome', { properties, additionalProperties: true }, []],
    [
      'nothing, where more has a form',
      { properties, additionalProperties: { type: 'string' } },
      [],
    ],
    ['nothing, where more has a name', { properties, patternProperties: { '^c': {} } }, []],
  ])('of a schema: %s', (_name, schema, expected) => {
    expect(unnamedArguments({ count: 1, coun: 2 }, schema)).toEqual(expected);
  });
});
