import { execFileSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createApiKey, parseApiKey } from '../../src/auth/keys/api-key.ts';
import { changeKeyFile, readKeyFile } from '../../src/auth/keys/key-file.ts';

async function directory() {
  const at = await mkdtemp(path.join(tmpdir(), 'strom-keys-'));
  return {
    at,
    file: path.join(at, 'k.json'),
    [Symbol.asyncDispose]: () => rm(at, { recursive: true }),
  };
}

const { key, record } = createApiKey({ name: 'one', scopes: ['a', 'b:c'] });

describe('a new API key', () => {
  it('has 256 bits of secret that its record does not hold', () => {
    const { id, secret } = parseApiKey(key) ?? { id: '', secret: '' };
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(id).toBe(record.id);
    expect(JSON.stringify(record)).not.toContain(secret);
    expect(createApiKey({ name: 'one' }).key).not.toBe(key);
  });

  it.each([
    ['without a name', { name: ' ' }],
    ['with a scope of two words', { name: 'x', scopes: ['a b'] }],
    ['with a quote in a scope', { name: 'x', scopes: ['a"'] }],
  ])('is not made %s', (_, options) => {
    expect(() => createApiKey(options)).toThrow(TypeError);
  });
});

describe('a key file', () => {
  it('is made for its owner alone, and keeps what it was given', async () => {
    await using folder = await directory();
    await changeKeyFile(folder.file, () => [record]);
    expect((await stat(folder.file)).mode & 0o777).toBe(0o600);
    expect(readKeyFile(folder.file)).toEqual([record]);
    expect(await readdir(folder.at)).toEqual(['k.json']);
  });

  it('keeps the mode an operator gave it', async () => {
    await using folder = await directory();
    await changeKeyFile(folder.file, () => []);
    await chmod(folder.file, 0o640);
    await changeKeyFile(folder.file, () => [record]);
    expect((await stat(folder.file)).mode & 0o777).toBe(0o640);
  });

  it('is changed where a link leads to', async () => {
    await using folder = await directory();
    const link = path.join(folder.at, 'link.json');
    await changeKeyFile(folder.file, () => []);
    await symlink(folder.file, link);
    await changeKeyFile(link, () => [record]);
    expect(readKeyFile(folder.file)).toEqual([record]);
  });

  it('loses no change of writers that come at once', async () => {
    await using folder = await directory();
    const made = Array.from(
      { length: 8 },
      (_, index) => createApiKey({ name: `k${index}` }).record,
    );
    await Promise.all(
      made.map((each) => changeKeyFile(folder.file, (records) => [...records, each])),
    );
    expect(readKeyFile(folder.file)).toHaveLength(8);
  });

  it('stays as it was when a change fails', async () => {
    await using folder = await directory();
    await changeKeyFile(folder.file, () => [record]);
    const change = changeKeyFile(folder.file, () => {
      throw new Error('no');
    });
    await expect(change).rejects.toThrow('no');
    expect(readKeyFile(folder.file)).toEqual([record]);
    expect(await readdir(folder.at)).toEqual(['k.json']);
  });

  it('says who holds it when it stays locked', async () => {
    await using folder = await directory();
    await writeFile(`${folder.file}.lock`, '');
    await expect(changeKeyFile(folder.file, () => [])).rejects.toThrow(`${folder.file}.lock`);
  });

  it('is refused when everybody may write it', async () => {
    await using folder = await directory();
    await changeKeyFile(folder.file, () => [record]);
    await chmod(folder.file, 0o666);
    expect(() => readKeyFile(folder.file)).toThrow('chmod');
  });

  it.each([
    ['a folder', (file: string) => mkdir(file)],
    ['a pipe, which nobody waits for', async (file: string) => void execFileSync('mkfifo', [file])],
    ['a device without end', (file: string) => symlink('/dev/zero', file)],
    ['a link to itself', (file: string) => symlink(file, file)],
    ['a link to nothing', (file: string) => symlink(`${file}.none`, file)],
  ])('is refused where it is %s', async (_, make) => {
    await using folder = await directory();
    await make(folder.file);
    expect(() => readKeyFile(folder.file)).toThrow(TypeError);
  });

  it('is refused where it is larger than a server can read in passing', async () => {
    await using folder = await directory();
    const content = JSON.stringify({ version: 1, keys: [record] });
    await writeFile(folder.file, content.padEnd(16 * 1024 * 1024));
    expect(readKeyFile(folder.file)).toEqual([record]);
    await writeFile(folder.file, content.padEnd(16 * 1024 * 1024 + 1));
    expect(() => readKeyFile(folder.file)).toThrow(TypeError);
  });

  it.each([
    `{"keys":[{"sha256":${record.sha256}`,
    record.sha256,
    `[1,${record.sha256.slice(0, 9)}x`,
  ])('is not quoted where it is half written: %#', async (content) => {
    await using folder = await directory();
    await writeFile(folder.file, content);
    let told = '';
    try {
      readKeyFile(folder.file);
    } catch (error) {
      told = inspect(error, { depth: 9 });
    }
    expect(told).toContain(folder.file);
    expect(told).not.toContain(record.sha256.slice(0, 9));
  });

  const wrong: [string, unknown][] = [
    ['another version', { version: 2, keys: [] }],
    ['no list', { version: 1, keys: {} }],
    ['a list', [record]],
    ['the same id twice', { version: 1, keys: [record, record] }],
    ['a malformed hash', { version: 1, keys: [{ ...record, sha256: record.sha256.slice(1) }] }],
    ['an end that is no time', { version: 1, keys: [{ ...record, expiresAt: 'tomorrow' }] }],
    ['an end on no day', { version: 1, keys: [{ ...record, expiresAt: '2026-13-45T00:00:00Z' }] }],
    ['an empty end', { version: 1, keys: [{ ...record, expiresAt: null }] }],
    ['a revocation that is no time', { version: 1, keys: [{ ...record, revokedAt: true }] }],
    ['scopes as one text', { version: 1, keys: [{ ...record, scopes: 'a b' }] }],
    ['no scopes', { version: 1, keys: [{ ...record, scopes: undefined }] }],
  ];
  it.each(wrong)('is refused with %s, and the hash is not told', async (_, content) => {
    await using folder = await directory();
    await writeFile(folder.file, JSON.stringify(content));
    let message = '';
    try {
      readKeyFile(folder.file);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(folder.file);
    expect(message).not.toContain(record.sha256.slice(1));
    expect(await readFile(folder.file, 'utf8')).toBe(JSON.stringify(content));
  });
});
