import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/cli/describe-error.ts';
import { parseDuration } from '../../src/cli/duration.ts';
import { usesColor, viewMode } from '../../src/cli/live/view-mode.ts';
import { expandEnv } from '../../src/cli/target/expand-env.ts';
import { resolveTarget } from '../../src/cli/target/resolve-target.ts';

const usage = expect.objectContaining({ code: 'usage' });
const TERMINAL = { isTTY: true, hasColors: () => true };
const PIPE = { isTTY: false };

describe('how progress is shown', () => {
  it.each([
    { choice: 'auto', stream: TERMINAL, env: {}, mode: 'bar' },
    { choice: 'auto', stream: PIPE, env: {}, mode: 'plain' },
    { choice: 'auto', stream: TERMINAL, env: { CI: 'true' }, mode: 'plain' },
    { choice: 'auto', stream: TERMINAL, env: { CI: 'false' }, mode: 'bar' },
    { choice: 'auto', stream: TERMINAL, env: { TERM: 'dumb' }, mode: 'plain' },
    { choice: 'none', stream: TERMINAL, env: {}, mode: 'none' },
    { choice: 'json', stream: PIPE, env: {}, mode: 'json' },
  ] as const)('$choice on $stream with $env is $mode', ({ choice, stream, env, mode }) => {
    expect(viewMode(choice, stream, env)).toBe(mode);
  });
});

describe('colour', () => {
  const MONOCHROME = { isTTY: true, hasColors: () => false };

  it.each([
    { stream: TERMINAL, env: {}, isUsed: true },
    { stream: PIPE, env: {}, isUsed: false },
    { stream: MONOCHROME, env: {}, isUsed: false },
    { stream: TERMINAL, env: { NO_COLOR: '1' }, isUsed: false },
    { stream: TERMINAL, env: { NO_COLOR: '0' }, isUsed: false },
    { stream: TERMINAL, env: { NO_COLOR: '' }, isUsed: true },
    { stream: PIPE, env: { FORCE_COLOR: '1' }, isUsed: true },
    { stream: TERMINAL, env: { FORCE_COLOR: '0' }, isUsed: false },
    { stream: PIPE, env: { FORCE_COLOR: '1', NO_COLOR: '1' }, isUsed: true },
  ])('on $stream with $env: $isUsed', ({ stream, env, isUsed }) => {
    expect(usesColor(stream, env)).toBe(isUsed);
  });
});

describe('expandEnv', () => {
  it.each([
    [`\${A}`, 'one'],
    [`x-\${env:A}-y`, 'x-one-y'],
    [`\${B:-two}`, 'two'],
    [`\${EMPTY:-two}`, 'two'],
    [`\${EMPTY}`, ''],
    ['$A {A}', '$A {A}'],
  ])('%s', (text, expanded) => {
    expect(expandEnv(text, { A: 'one', EMPTY: '' })).toBe(expanded);
  });

  it('takes values as they are, even if they look like references', () => {
    expect(expandEnv(`\${A}`, { A: `\${B} $& $1` })).toBe(`\${B} $& $1`);
  });

  it('names a variable that is not set', () => {
    expect(() => expandEnv(`\${MISSING}`, {})).toThrow(usage);
  });
});

describe('parseDuration', () => {
  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['0', Number.POSITIVE_INFINITY],
  ])('%s', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  it.each(['', '-1', '5 m', '1d', 'NaN', '1e3'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow();
  });
});

describe('resolveTarget', () => {
  const words = { word: undefined, command: undefined, config: undefined };
  const none = { ...words, headers: [], variables: [] };

  it('keeps the query of a URL out of what is shown', async () => {
    const word = 'https://example.com/mcp?key=secret#part';
    const { label, target } = await resolveTarget({ ...none, word }, {});
    expect(label).toBe('https://example.com/mcp');
    expect(String(target)).toContain('key=secret');
  });

  it.each([
    { ...none },
    { ...none, command: [] },
    { ...none, word: 'https://user:secret@example.com/' },
    { ...none, word: 'ftp://example.com/' },
    { ...none, word: 'http://example.com/', variables: ['A'] },
    { ...none, command: ['node'], headers: ['A: b'] },
    { ...none, word: 'http://example.com/', headers: ['secret'] },
    { ...none, word: 'http://example.com/', headers: ['A: é\u0000'] },
    { ...none, word: 'http://example.com/', headers: ['A b: c'] },
    { ...none, word: 'http://example.com/', headers: ['@no-such-file'] },
  ])('refuses %j without repeating a secret', async (given) => {
    const error = await resolveTarget(given, {}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'usage' });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
  });
});

describe('describeError', () => {
  it('calls what nobody foresaw internal', () => {
    const error = describeError(new RangeError('deep'), { label: 'x' });
    expect(error).toMatchObject({ code: 'internal', exitCode: 1 });
  });

  it('finds the reason in a chain of causes, even a cyclic one', () => {
    const cyclic = new Error('outer');
    cyclic.cause = cyclic;
    expect(describeError(cyclic, { label: 'x' }).code).toBe('internal');
  });
});
