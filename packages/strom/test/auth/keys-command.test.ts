import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseApiKey } from '../../src/auth/keys/api-key.ts';
import { auditFileOf } from '../../src/auth/keys/key-audit.ts';
import { readKeyFile } from '../../src/auth/keys/key-file.ts';
import { parseEnd } from '../../src/cli/keys-command.ts';
import { StromCommand, strom } from '../cli/support/strom-command.ts';
import '../faults/support/base-line.ts';

async function folder() {
  const at = await mkdtemp(path.join(tmpdir(), 'strom-keys-'));
  const file = path.join(at, 'keys.json');
  return {
    at,
    file,
    keys: (...words: string[]) => strom(['keys', ...words, '--file', file]),
    [Symbol.asyncDispose]: () => rm(at, { recursive: true }),
  };
}

describe('L03: strom keys', () => {
  it('prints a new key alone on standard output, and keeps its hash alone', async () => {
    await using at = await folder();
    const made = await at.keys('create', '--name', 'ci', '--scopes', 'a,b:c', '--expires', '90d');
    expect(made.exitCode).toBe(0);
    const { id, secret } = parseApiKey(made.stdout.trimEnd()) ?? { id: '', secret: '' };
    expect(secret).toHaveLength(43);
    expect(made.stderr).toContain(id);
    expect(made.stderr).not.toContain(secret);
    expect(await readFile(at.file, 'utf8')).not.toContain(secret);
    expect(readKeyFile(at.file)).toMatchObject([{ id, name: 'ci', scopes: ['a', 'b:c'] }]);
  });

  it('lists keys without their hashes, and revokes them', async () => {
    await using at = await folder();
    const { key, id } = JSON.parse((await at.keys('create', '--name', 'one', '--json')).stdout);
    await at.keys('create', '--name', 'two', '--expires', '2020-01-01');
    const listed = await at.keys('list');
    expect(listed.stdout).toMatch(/one +valid.*\n.*two +expired/);
    const [first] = readKeyFile(at.file);
    expect(listed.stdout).not.toContain(first?.sha256);
    expect((await at.keys('revoke', id)).exitCode).toBe(0);
    const states = JSON.parse((await at.keys('list', '--json')).stdout) as { state: string }[];
    expect(states.map(({ state }) => state)).toEqual(['revoked', 'expired']);
    expect(key).toContain(id);
  });

  it('shows a name without what moves a cursor or ends a line', async () => {
    await using at = await folder();
    const { id } = JSON.parse(
      (await at.keys('create', '--name', '\u001b[31mred\nline', '--json')).stdout,
    );
    for (const words of [['list'], ['revoke', id]]) {
      const { stdout } = await at.keys(...words);
      expect(stdout).toContain('red line');
      expect(stdout).not.toContain('\u001b');
    }
  });

  it('writes down who made or revoked which key, for the owner of the file alone', async () => {
    await using at = await folder();
    const { key, id } = JSON.parse(
      (await at.keys('create', '--name', 'ci', '--scopes', 'a', '--json')).stdout,
    );
    await at.keys('revoke', id);
    await at.keys('revoke', 'nobody');
    const audit = auditFileOf(at.file);
    const text = await readFile(audit, 'utf8');
    const line = { key: id, name: 'ci', scopes: ['a'], by: userInfo().username };
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((each) => JSON.parse(each)),
    ).toMatchObject([
      { ...line, act: 'key created', correlation: expect.stringMatching(/^[0-9a-f]{12}$/) },
      { ...line, act: 'key revoked', time: expect.stringMatching(/^20.*Z$/) },
    ]);
    expect(text).not.toContain(parseApiKey(key)?.secret);
    expect((await stat(audit)).mode & 0o777).toBe(0o600);
  });

  it('changes nothing that it cannot write down', async () => {
    await using at = await folder();
    await mkdir(auditFileOf(at.file));
    expect((await at.keys('create', '--name', 'ci')).exitCode).not.toBe(0);
    expect((await at.keys('list')).stdout).not.toContain('ci');
  });

  it.each([
    ['a name', ['create']],
    ['scopes of one word each', ['create', '--name', 'x', '--scopes', 'a"b']],
    ['an end that is a time', ['create', '--name', 'x', '--expires', 'soon']],
    ['a key that is there', ['revoke', '0123456789ab']],
    ['a command', []],
  ])('wants %s', async (_, words) => {
    await using at = await folder();
    await writeFile(at.file, '{"version":1,"keys":[]}');
    const ended = await at.keys(...words);
    expect(ended.exitCode).toBe(1);
    expect(ended.stdout).toBe('');
    expect(readKeyFile(at.file)).toEqual([]);
  });

  it('opens what strom serve guards, until the key is revoked', async () => {
    await using at = await folder();
    const { key, id } = JSON.parse((await at.keys('create', '--name', 'x', '--json')).stdout);
    const module = path.join(at.at, 'server.mjs');
    const entry = path.join(import.meta.dirname, '../../dist/entry/index.js');
    await writeFile(
      module,
      `import { Strom } from ${JSON.stringify(entry)};
       export const strom = new Strom({ name: 'x', version: '1' });
       strom.tool('hello', { description: 'Greets', annotations: { readOnlyHint: true } }, () => 'hello');`,
    );
    await using serving = new StromCommand(['serve', module, '--port', '0', '--api-keys', at.file]);
    const [, origin] = await serving.shows('stderr', /is at (http:\/\/[\d.:]+)/);
    const status = async (headers: Record<string, string>): Promise<number> => {
      const answer = await fetch(`${origin}/stream/hello`, { method: 'POST', headers });
      await answer.text();
      return answer.status;
    };
    expect(await status({})).toBe(401);
    expect(await status({ authorization: `Bearer ${key}` })).toBe(200);
    await at.keys('revoke', id);
    await expect.poll(() => status({ 'x-api-key': key }), { timeout: 5000 }).toBe(401);
    expect(serving.stderr).not.toContain(key);
  });
});

describe('the end of a key', () => {
  it.each([
    ['2027-01-31', Date.UTC(2027, 0, 31)],
    ['2027-01-31T10:30Z', Date.UTC(2027, 0, 31, 10, 30)],
  ])('is read from %s', (text, endMs) => {
    expect(parseEnd(text)).toBe(endMs);
  });

  it.each(['', '0', '90', 'd', '2027-13-01', '31.1.2027', '1e3d'])(
    'is not read from "%s"',
    (text) => {
      expect(() => parseEnd(text)).toThrow();
    },
  );
});
