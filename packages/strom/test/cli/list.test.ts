import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SDK_SERVER, strom } from './support/strom-command.ts';
import { openWorkshop, PNG } from './support/workshop.ts';

describe('strom list', () => {
  it('shows what an official server offers, and how its tools are called', async () => {
    const { exitCode, stdout, stderr } = await strom(['list', '--', ...SDK_SERVER]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'sdk-peer 1.32.2  (2025-11-25, stdio)',
        '',
        'Tools',
        '  count to=<number>',
        '      Counts',
        '  hang',
        '',
        'Resources',
        '  note://one',
        '      note',
        '',
        'Prompts',
        '  greet name=<string>',
        '',
      ].join('\n'),
    );
  });

  it('gives it all as one JSON document', async () => {
    await using server = await openWorkshop();
    const { stdout } = await strom(['list', server.url, '--json']);
    const document = JSON.parse(stdout) as Record<string, { name: string }[]>;
    expect(document['server']).toMatchObject({ name: 'tested', era: 'stateless' });
    expect(document['tools']?.map(({ name }) => name)).toContain('echo_args');
    expect(document['resources']).toHaveLength(2);
    expect(document['prompts']).toHaveLength(1);
    expect(document['resourceTemplates']).toEqual([]);
  });
});

describe('strom read', () => {
  it('prints a text, and a picture byte for byte with --raw', async () => {
    await using server = await openWorkshop();
    expect((await strom(['read', server.url, 'note://one'])).stdout).toBe('first note\n');
    const { stdout } = await strom(['read', server.url, 'pixel://one', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ contents: [{ blob: PNG.toString('base64') }] });
    const { stderr } = await strom(['read', server.url, 'pixel://one']);
    expect(stderr).toContain('image/png, 70 B');
  });
});

describe('strom prompt', () => {
  it('prints who says what', async () => {
    await using server = await openWorkshop();
    const { stdout } = await strom(['prompt', server.url, 'greet', 'name=Ada']);
    expect(stdout).toBe('user: Hello Ada\n');
  });
});

describe('a server from a configuration file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'strom-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function configure(mcpServers: object): Promise<void> {
    await writeFile(path.join(folder, 'mcp.json'), JSON.stringify({ mcpServers }));
  }

  it('is found by its name, at a URL or behind a command, variables filled in', async () => {
    await using server = await openWorkshop();
    const [command, ...args] = SDK_SERVER;
    const url = `\${STROM_ORIGIN}/mcp`;
    await configure({
      web: { url, headers: { 'X-Team': `\${TEAM:-ink}` } },
      sdk: { command, args },
    });
    const options = { cwd: folder, env: { STROM_ORIGIN: server.origin } };
    const web = await strom(['list', 'web', '--config=mcp.json'], options);
    expect(web.stdout).toMatch(/^tested /);
    const sdk = await strom(['list', 'sdk', '--config=mcp.json'], options);
    expect(sdk.stdout).toMatch(/^sdk-peer /);
  });

  it('is suggested when its name is misspelt', async () => {
    await configure({ documents: { url: 'http://127.0.0.1/mcp' } });
    const args = ['list', 'document', '--config=mcp.json'];
    const { exitCode, stderr } = await strom(args, { cwd: folder });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Did you mean documents?');
  });

  it.each([
    ['no JSON', 'secret', 1],
    ['no servers', '{}', 1],
    ['an entry without a place', '{"mcpServers":{"web":{}}}', 1],
    ['arguments that are no texts', '{"mcpServers":{"web":{"command":"x","args":[1]}}}', 1],
  ])('is refused when the file has %s, without repeating the file', async (_name, text, code) => {
    await writeFile(path.join(folder, 'mcp.json'), text);
    const { exitCode, stderr } = await strom(['list', 'web', '--config=mcp.json'], { cwd: folder });
    expect(exitCode).toBe(code);
    expect(stderr).not.toContain('secret');
  });

  it('gets only the variables it is given', async () => {
    const print = `process.stderr.write("seen " + process.env.TOKEN + process.env.OTHER + "\\n")`;
    const args = ['list', '--env', 'TOKEN', '--', process.execPath, '-e', print];
    const { stderr } = await strom(args, { env: { TOKEN: 'one', OTHER: 'two' } });
    expect(stderr).toContain('seen oneundefined');
  });
});
