import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileUriTemplate } from '../../src/server/uri-template.ts';

function match(template: string, uri: string) {
  return compileUriTemplate(template).match(uri);
}

describe('compileUriTemplate', () => {
  it.each([
    ['file:///fixed', 'file:///fixed', {}],
    ['file:///{name}', 'file:///a.txt', { name: 'a.txt' }],
    ['file:///{name}', 'file:///a%20b%2Bc', { name: 'a b+c' }],
    ['file:///{+path}', 'file:///a/b/c.txt', { path: 'a/b/c.txt' }],
    ['repo://{owner}/{name}/x', 'repo://me/it/x', { owner: 'me', name: 'it' }],
    ['doc://{+path}/page/{n}', 'doc://a/page/b/page/7', { path: 'a/page/b', n: '7' }],
    ['x://{__proto__}', 'x://v', { ['__proto__']: 'v' }],
  ])('%s matches %s', (template, uri, variables) => {
    expect(match(template, uri)).toEqual(variables);
  });

  it.each([
    ['file:///fixed', 'file:///fixed2'],
    ['file:///{name}', 'file:///'],
    ['file:///{name}', 'file:///a/b'],
    ['file:///{name}', 'file:///a?x'],
    ['file:///{name}', 'file:///a#x'],
    ['file:///{name}', 'http:///a'],
    ['file:///{name}', 'file:///a%2Fb'],
    ['file:///{name}', 'file:///a%5Cb'],
    ['file:///{name}', 'file:///..'],
    ['file:///{name}', 'file:///%2e%2E'],
    ['file:///{name}', 'file:///a%00b'],
    ['file:///{name}', 'file:///%zz'],
    ['file:///{name}', 'file:///%ff'],
    ['file:///{+path}', 'file:///a/../b'],
    ['file:///{+path}', 'file:///a/%2e%2e/b'],
    ['file:///{+path}', 'file:///a%2f..%2fb'],
    ['file:///{+path}', 'file:///a/..'],
    ['file:///{+path}', 'file:///..\\b'],
    ['file:///{+path}', 'file:///a%00'],
  ])('%s does not match %s', (template, uri) => {
    expect(match(template, uri)).toBeUndefined();
  });

  it.each([
    'x://{a}{b}',
    'x://{a,b}',
    'x://{?q}',
    'x://{a*}',
    'x://{a',
    'x://a}',
    'x://{}',
    'x://{{a}}',
  ])('refuses the template %s', (template) => {
    expect(() => compileUriTemplate(template)).toThrow(TypeError);
  });

  it('gives back any segment that was encoded into its place', () => {
    const segment = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => !/[/\\\0]/.test(text) && text !== '..' && !/\p{Surrogate}/u.test(text));
    fc.assert(
      fc.property(segment, segment, (a, b) => {
        const uri = `x://${encodeURIComponent(a)}/y/${encodeURIComponent(b)}`;
        expect(match('x://{a}/y/{b}', uri)).toEqual({ a, b });
      }),
    );
  });

  it('never yields a value that climbs', () => {
    const piece = fc.constantFrom('..', '.', '/', '%2e', '%2f', '\\', '%5c', 'a', '%00', '%', ';');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const value = match('x://{+path}', `x://${pieces.join('')}`)?.['path'];
        if (value === undefined) return;
        expect(value.split(/[/\\]/)).not.toContain('..');
        expect(value).not.toContain('\0');
      }),
    );
  });

  it.each([
    ['x://{a}/{b}/{c}/{d}/{e}/end', `x://${'a/'.repeat(32_768)}`],
    ['x://{+a}/{+b}/{+c}/{+d}/end', `x://${'/'.repeat(65_536)}`],
    ['x://{+a}', `x://${'%2f'.repeat(21_845)}`],
    ['x://{a}', `x://${'%'.repeat(65_536)}`],
    ['x://{+a}.{+b}.{+c}', `x://${'.'.repeat(65_536)}`],
  ])('%s answers 64 KB in less than a second', (template, uri) => {
    const compiled = compileUriTemplate(template);
    const startedMs = performance.now();
    compiled.match(uri);
    // It takes some milliseconds; trying every way to cut would take hours.
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});
