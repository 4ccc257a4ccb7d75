import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN, StromCommand, strom } from './support/strom-command.ts';

const LIBRARY = path.join(import.meta.dirname, '../../dist/entry/index.js');
const MAKE = `import { Strom } from ${JSON.stringify(LIBRARY)};
const make = () => {
  const made = new Strom({ name: 'served', version: '2.0.0' });
  made.tool('greet', { description: 'Greets' }, () => 'hello');
  return made;
};
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'strom-serve-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function moduleOf(source: string): Promise<string> {
  const file = path.join(folder, `module-${Math.random().toString(36).slice(2)}.mjs`);
  await writeFile(file, source);
  return file;
}

const URL_LINE = /served 2\.0\.0 is at (http:\S+)/;

describe('strom serve', () => {
  it.each([
    ['a default export', 'export default make();'],
    ['an export named strom', 'export const strom = make();'],
    ['a function that makes it', 'export default make;'],
    ['an async function named strom', 'export const strom = async () => make();'],
  ])('serves %s, says where, and stops at Ctrl-C', async (_name, line) => {
    const module = await moduleOf(MAKE + line);
    await using server = new StromCommand(['serve', module, '--port', '0']);
    const [, url = ''] = await server.shows('stderr', URL_LINE);
    expect(new URL(url)).toMatchObject({ hostname: '127.0.0.1', pathname: '/mcp' });
    expect((await strom(['call', url, 'greet'])).stdout).toBe('hello\n');
    server.child.kill('SIGINT');
    expect(await server.ended()).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('serves the old transport beside the new one, and paths and hosts as told', async () => {
    const module = await moduleOf(`${MAKE}export default make();`);
    const flags = ['--port=0', '--legacy-sse', '--path=/tools', '--allowed-host=strom.test'];
    await using server = new StromCommand(['serve', module, ...flags]);
    const [, url = ''] = await server.shows('stderr', URL_LINE);
    expect(url).toMatch(/\/tools$/);
    const sse = await strom(['call', new URL('/sse', url).href, 'greet', '--era=sse']);
    expect(sse.stdout).toBe('hello\n');
  });

  it('says with --tls which certificate to trust, and callers who do are served', async () => {
    const module = await moduleOf(`${MAKE}export default make();`);
    const env = { XDG_DATA_HOME: path.join(folder, 'data') };
    await using server = new StromCommand(['serve', module, '--port=0', '--tls'], { env });
    const [, url = ''] = await server.shows('stderr', /is at (https:\S+)/);
    const [, ca = ''] = await server.shows('stderr', /NODE_EXTRA_CA_CERTS=(\S+\.pem)/);
    expect(await strom(['call', url, 'greet'])).toMatchObject({ exitCode: 4, stdout: '' });
    const trusting = await strom(['call', url, 'greet'], { env: { NODE_EXTRA_CA_CERTS: ca } });
    expect(trusting.stdout).toBe('hello\n');
  });

  it('believes a --trusted-proxy, and shows --public-metrics under a public name', async () => {
    const module = await moduleOf(`${MAKE}export default make();`);
    const open = ['--public-url=http://mcp.test/mcp', '--trusted-proxy=127.0.0.0/8'];
    const flags = ['--port=0', '--public-metrics', ...open];
    await using server = new StromCommand(['serve', module, ...flags]);
    const [, url = ''] = await server.shows('stderr', URL_LINE);
    const at = new URL('/metrics', url);
    expect((await fetch(at)).status).toBe(200);
    const headers = { Forwarded: 'for=192.0.2.1', 'X-Forwarded-For': '192.0.2.2' };
    expect((await fetch(at, { headers })).status).toBe(400);
  });

  it('refuses --metrics under a public name, where nobody has to say who they are', async () => {
    const module = await moduleOf(`${MAKE}export default make();`);
    const flags = ['--port=0', '--metrics', '--public-url=http://mcp.test/mcp'];
    expect((await strom(['serve', module, ...flags])).exitCode).toBe(1);
  });

  it.each([
    ['a path that no request can have', ['--path=mcp']],
    ['a path that no request can have, with workers', ['--path=mcp', '--workers=2']],
    ['a file that only its workers miss', ['--cert=none.pem', '--key=none.pem', '--workers=2']],
  ])('ends with 1 at %s', async (_name, flags) => {
    const module = await moduleOf(`${MAKE}export default make();`);
    const { exitCode } = await strom(['serve', module, '--port=0', ...flags]);
    expect(exitCode).toBe(1);
  });

  it('tells who calls with --metrics', async () => {
    const module = await moduleOf(`${MAKE}export default make();`);
    await using server = new StromCommand([
      'serve',
      module,
      '--port=0',
      '--legacy-sse',
      '--metrics',
    ]);
    const [, url = ''] = await server.shows('stderr', URL_LINE);
    await strom(['call', new URL('/sse', url).href, 'greet', '--era=sse']);
    const report = await strom(['report', 'migration', url]);
    expect(report.stdout).toContain('http-sse');
  });

  it('speaks on the standard streams with --transport=stdio', async () => {
    const module = await moduleOf(`${MAKE}console.log('a stray line'); export default make();`);
    const served = [process.execPath, MAIN, 'serve', module, '--transport=stdio'];
    const { exitCode, stdout } = await strom(['call', 'greet', '-q', '--', ...served]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'hello\n' });
  });

  it.each(['--port=0', '--api-keys=none.json', '--allow-anonymous', '--workers=2'])(
    'takes no %s on the standard streams, where it would do nothing',
    async (flag) => {
      const module = await moduleOf(`${MAKE}export default make();`);
      const { exitCode, stdout } = await strom(['serve', module, '--transport=stdio', flag]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    },
  );

  it('hands the store of --store to the function that makes the server', async () => {
    const tool = "{ description: 'Kept', task: { resumable: true } }";
    const module = await moduleOf(`import { Strom } from ${JSON.stringify(LIBRARY)};
      export default ({ store }) => {
        const made = new Strom({ name: 'served', version: '2.0.0', store });
        made.tool('kept', ${tool}, () => 'kept by ' + process.pid);
        return made;
      };`);
    const words = ['serve', module, '--port=0', '--store', path.join(folder, 'store.db')];
    const call = ['call', '-q', '--idempotency-key=one', '--json'];
    const answers: string[] = [];
    for (let times = 0; times < 2; times += 1) {
      await using server = new StromCommand(words);
      const [, url = ''] = await server.shows('stderr', URL_LINE);
      answers.push((await strom([...call, url, 'kept'])).stdout);
      server.child.kill('SIGINT');
      expect(await server.ended()).toMatchObject({ exitCode: 0 });
    }
    expect(answers[0]).toContain('kept by');
    expect(answers[1]).toBe(answers[0]);
  });

  it.each([
    ['a server that is made already', 'export default make();', 'does not use the store'],
    ['a function that heeds no store', 'export default make;', 'does not use the store'],
  ])('refuses --store with %s', async (_name, line, words) => {
    const file = path.join(folder, 'other.db');
    const module = await moduleOf(MAKE + line);
    const { exitCode, stderr } = await strom(['serve', module, '--port=0', '--store', file]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(words);
  });

  it('says why the file of --store cannot be used', async () => {
    const module = await moduleOf(`${MAKE}export default make;`);
    const { exitCode, stderr } = await strom(['serve', module, '--port=0', '--store', folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('cannot be used');
  });

  it('says that a port is taken', async () => {
    const module = await moduleOf(`${MAKE}export default make();`);
    await using server = new StromCommand(['serve', module, '--port', '0']);
    const [, url = ''] = await server.shows('stderr', URL_LINE);
    const { exitCode, stderr } = await strom(['serve', module, '--port', new URL(url).port]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('is taken by another program');
  });

  it.each([
    ['exports nothing', 'export const other = 1;', 'exports neither a default nor strom'],
    ['exports something else', 'export default { name: "x" };', 'is no Strom'],
    ['throws', 'throw new Error("broken");', 'fails while it is loaded: broken'],
    ['makes nothing', 'export default () => { throw new Error("no"); };', 'makes its server: no'],
  ])('says what is wrong with a module that %s', async (_name, source, words) => {
    const { exitCode, stderr } = await strom(['serve', await moduleOf(source), '--port', '0']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(words);
  });

  it('says that there is no such file, and what to do about TypeScript', async () => {
    expect((await strom(['serve', 'no-such-file.js'])).stderr).toContain('there is no file');
    const file = path.join(folder, 'server.unknown');
    await writeFile(file, '');
    const { exitCode, stderr } = await strom(['serve', file]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Build it to JavaScript first');
  });
});
