import { chmod, lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { devCertificate } from '../../src/serve/dev-certificate.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import '../faults/support/base-line.ts';

const dataHome = ownDataHome();
const SOMEBODY_ELSE = 65_534;

let homes = 0;

/** A data folder of its own, and the folder of certificates in it, which others may write to. */
async function openFolder(): Promise<string> {
  homes += 1;
  const home = path.join(dataHome(), `home-${homes}`);
  process.env['XDG_DATA_HOME'] = home;
  const folder = path.join(home, 'strom/tls');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
  return folder;
}

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

describe('N01: the local certificate', () => {
  it('is closed to others, in a folder that is', async () => {
    const folder = await openFolder();
    await devCertificate(new LogRecorder());
    expect(await modeOf(folder)).toBe(0o700);
    expect(await modeOf(path.join(folder, 'localhost.key'))).toBe(0o600);
    expect(await modeOf(path.join(folder, 'localhost.pem'))).toBe(0o600);
  });

  it('is made anew where others could read its key', async () => {
    const folder = await openFolder();
    const before = await devCertificate(new LogRecorder());
    expect(await devCertificate(new LogRecorder())).toEqual(before);
    await chmod(path.join(folder, 'localhost.key'), 0o644);
    const after = await devCertificate(new LogRecorder());
    expect(after.key).not.toBe(before.key);
    expect(await modeOf(path.join(folder, 'localhost.key'))).toBe(0o600);
    expect(await readFile(path.join(folder, 'localhost.pem'), 'utf8')).toBe(after.cert);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'neither is what somebody else has put there nor follows their links',
    async () => {
      const planted = await openFolder();
      const theirs = await devCertificate(new LogRecorder());
      const folder = await openFolder();
      const mine = path.join(dataHome(), 'mine');
      await writeFile(mine, 'untouched');
      const [cert, key] = ['localhost.pem', 'localhost.key'].map((name) => path.join(folder, name));
      await writeFile(cert ?? '', await readFile(path.join(planted, 'localhost.pem')));
      await symlink(mine, key ?? '');
      const { chown, lchown } = await import('node:fs/promises');
      await chown(cert ?? '', SOMEBODY_ELSE, SOMEBODY_ELSE);
      await lchown(key ?? '', SOMEBODY_ELSE, SOMEBODY_ELSE);
      expect((await devCertificate(new LogRecorder())).cert).not.toBe(theirs.cert);
      expect(await readFile(mine, 'utf8')).toBe('untouched');
      expect((await lstat(key ?? '')).isSymbolicLink()).toBe(false);
    },
  );

  it.each(['', 'relative'])(
    'is not kept where the program runs: XDG_DATA_HOME=%j',
    async (home) => {
      process.env['XDG_DATA_HOME'] = home;
      const logs = new LogRecorder();
      const homeBefore = process.env['HOME'];
      process.env['HOME'] = path.join(dataHome(), 'user');
      try {
        expect(homedir()).toBe(process.env['HOME']);
        await devCertificate(logs);
      } finally {
        process.env['HOME'] = homeBefore;
      }
      const [line] = logs.at('info');
      expect(line?.fields['trust']).toContain(path.join(dataHome(), 'user/.local/share/strom/tls'));
    },
  );
});
