import { describe, expect, it } from 'vitest';
import { fillDefaults } from '../../src/client/fill-defaults.ts';
import type { ElicitRequestFormParams } from '../../src/protocol/spec/2026-07-28.ts';

const formWith = (properties: object): ElicitRequestFormParams => ({
  message: 'x',
  requestedSchema: { type: 'object', properties } as never,
});

describe('an accepted form', () => {
  it('gets the defaults of the fields that were left out', () => {
    const form = formWith({
      name: { type: 'string', default: 'nobody' },
      tags: { type: 'array', default: ['a'] },
      off: { type: 'boolean', default: false },
      free: { type: 'string' },
    });
    expect(fillDefaults(form, { action: 'accept', content: { name: 'Ada' } })).toEqual({
      action: 'accept',
      content: { name: 'Ada', tags: ['a'], off: false },
    });
  });

  it('needs no content at all', () => {
    const form = formWith({ n: { type: 'integer', default: 0 } });
    expect(fillDefaults(form, { action: 'accept' })).toEqual({
      action: 'accept',
      content: { n: 0 },
    });
  });

  it('that was declined stays as it is', () => {
    const form = formWith({ n: { type: 'integer', default: 0 } });
    expect(fillDefaults(form, { action: 'decline' })).toEqual({ action: 'decline' });
  });

  it('survives a schema that is none', () => {
    for (const properties of [null, 1, [], { a: null, b: 1 }] as never[]) {
      expect(fillDefaults(formWith(properties), { action: 'accept' }).action).toBe('accept');
    }
  });

  it('may have a field called like a prototype', () => {
    const properties = JSON.parse('{"__proto__":{"type":"string","default":"x"}}') as object;
    const { content } = fillDefaults(formWith(properties), { action: 'accept' });
    expect(JSON.stringify(content)).toBe('{"__proto__":"x"}');
    expect(Object.getPrototypeOf(content)).toBe(Object.prototype);
  });
});
