import { describe, expect, it } from 'vitest';
import { renderRows, row, skipped, sumOf } from '../deps/check-row.ts';
import { isAllowed } from '../deps/licence.ts';
import {
  checkInstallScripts,
  checkLicences,
  checkNodeRanges,
  checkPins,
} from '../deps/lock-checks.ts';
import { packagesOf } from '../deps/lockfile.ts';
import { readAudit, readOutdated } from '../deps/registry-checks.ts';

const GOOD = { version: '1.0.0', license: 'MIT', integrity: 'sha512-x' };

const lock = (packages: Record<string, object>) =>
  packagesOf({
    packages: {
      '': { license: 'MIT' },
      'packages/own': { version: '1.0.0' },
      'node_modules/own': { link: true },
      ...packages,
    },
  });

describe('L05: the licences of a lockfile', () => {
  const allowed = new Set(['MIT', 'Zlib']);

  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['', false],
    ['(MIT OR GPL-3.0-or-later)', true],
    ['MIT AND Zlib', true],
    ['MIT AND GPL-3.0-only', false],
    ['GPL-3.0-only OR MIT AND Zlib', true],
    ['(GPL-3.0-only OR MIT) AND GPL-3.0-only', false],
    ['MIT)', false],
    ['(MIT', false],
    ['MIT Zlib', false],
    ['SEE LICENSE IN LICENSE', false],
  ])('%j is read as SPDX reads it', (expression, isFine) => {
    expect(isAllowed(expression, allowed)).toBe(isFine);
  });

  it('pass where all are known, and name each that is not, or is not named', () => {
    const packages = lock({
      'node_modules/good': GOOD,
      'node_modules/good/node_modules/@a/nested': { ...GOOD, license: 'GPL-3.0-only' },
      'node_modules/none': { ...GOOD, license: undefined },
    });
    expect(checkLicences(packages)).toMatchObject({
      state: 'failed',
      details: ['@a/nested 1.0.0: GPL-3.0-only', 'none 1.0.0: none named'],
    });
    expect(checkLicences(packages.slice(0, 1)).state).toBe('passed');
  });

  it('may be wider for what only development needs', () => {
    const published = lock({ 'node_modules/css': { ...GOOD, license: 'MPL-2.0' } });
    const own = lock({ 'node_modules/css': { ...GOOD, license: 'MPL-2.0', dev: true } });
    expect([published, own].map((each) => checkLicences(each).state)).toEqual(['failed', 'passed']);
  });
});

describe('L05: the versions of Node a lockfile asks for', () => {
  it('include the oldest that is promised, but for what is for development', () => {
    const packages = lock({
      'node_modules/any': GOOD,
      'node_modules/old': { ...GOOD, engines: { node: '^18 || >=20.9' } },
      'node_modules/tool': { ...GOOD, engines: { node: '>=22' }, dev: true },
      'node_modules/new': { ...GOOD, engines: { node: '>=22' } },
    });
    expect(checkNodeRanges(packages, '20.19.0')).toMatchObject({
      state: 'failed',
      details: ['new 1.0.0: wants Node >=22'],
    });
    expect(checkNodeRanges(packages.slice(0, 3), '20.19.0').state).toBe('passed');
  });
});

describe('L05: the install scripts of a lockfile', () => {
  const packages = lock({
    'node_modules/builds': { ...GOOD, hasInstallScript: true },
    'node_modules/quiet': GOOD,
  });

  it.each([
    [{}, 'failed'],
    [{ builds: false }, 'passed'],
    [{ builds: true }, 'passed'],
    [{ builds: false, gone: false }, 'failed'],
  ])('must be those that are listed: %j', (allowed, state) => {
    expect(checkInstallScripts(packages, allowed).state).toBe(state);
  });
});

describe('the hashes of a lockfile', () => {
  it('must be there, except for optional packages', () => {
    const loose = { ...GOOD, integrity: undefined };
    const optional = lock({
      'node_modules/a': GOOD,
      'node_modules/b': { ...loose, optional: true },
    });
    expect(checkPins(optional).state).toBe('passed');
    expect(checkPins(lock({ 'node_modules/a': loose })).state).toBe('failed');
  });
});

describe('what a registry tells', () => {
  const audit = { check: 'audit', from: 'high' } as const;
  const found = (severity: string) =>
    JSON.stringify({ vulnerabilities: { leaky: { severity, range: '<2' } } });

  it.each([
    [found('critical'), 'failed'],
    [found('high'), 'failed'],
    [found('low'), 'passed'],
    ['{"vulnerabilities":{}}', 'passed'],
  ])('decides an audit: %s', (output, state) => {
    expect(readAudit(output, audit).state).toBe(state);
  });

  it.each([
    '',
    'npm error',
    '{}',
    '{"message":"request to https://r.example/x failed, reason: connect ECONNREFUSED 127.0.0.1:9"}',
    '{"message":"405 Method Not Allowed - POST https://r.example/x","statusCode":405}',
  ])('is no audit, and counts as skipped: %j', (output) => {
    const { state, details } = readAudit(output, audit);
    expect(state).toBe('skipped');
    expect(details.join()).not.toContain('r.example');
  });

  it('names what is behind, and fails nothing for it', () => {
    const output = '{"old":{"current":"1.0.0","latest":"2.0.0"}}';
    expect(readOutdated(output)).toMatchObject({
      state: 'noted',
      details: ['old: 1.0.0, latest 2.0.0'],
    });
    expect(readOutdated('').state).toBe('passed');
    expect(readOutdated('{"error":{"summary":"FetchError"}}').state).toBe('skipped');
  });
});

describe('the table of checks', () => {
  it('has one line a detail', () => {
    const table = renderRows([
      { check: 'one', state: 'failed', details: ['first', 'second'] },
      skipped('another', 'nobody answered'),
    ]);
    expect(table.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['one', 'failed', 'first'],
      ['', 'second'],
      ['another', 'skipped', 'nobody answered'],
    ]);
  });

  it('ends with a sum in which what was only noted has not passed', () => {
    const rows = [
      row('one', { good: 'well', problems: [] }),
      row('two', { good: 'well', problems: ['bad'] }),
      { check: 'three', state: 'noted', details: ['old'] },
    ] as const;
    expect(sumOf(rows)).toBe('1 passed, 1 failed, 0 skipped, 1 noted');
  });
});
