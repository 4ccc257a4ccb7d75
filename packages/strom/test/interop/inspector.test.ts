import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startStrom } from '../harness/start-strom.ts';

const run = promisify(execFile);
const manifest = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/inspector/package.json',
);
const INSPECTOR = path.join(path.dirname(manifest), 'cli/build/cli.js');
const STDIO_SERVER = ['--import', 'tsx', path.join(import.meta.dirname, 'inspector-fixture.ts')];

/** Runs the Inspector without its web pages and gives what it printed. */
async function inspect(target: readonly string[], flags: readonly string[]): Promise<unknown> {
  const args = [INSPECTOR, '--cli', ...target, '--method', ...flags];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout);
}

const CALL = ['tools/call', '--tool-name', 'echo', '--tool-arg', 'text=hello'];
const ECHOED = { content: [{ type: 'text', text: 'echo: hello' }] };

describe('the Inspector in CLI mode', () => {
  it('lists and calls tools over stdio', async () => {
    const target = [process.execPath, ...STDIO_SERVER];
    expect(await inspect(target, ['tools/list'])).toMatchObject({ tools: [{ name: 'echo' }] });
    expect(await inspect(target, CALL)).toEqual(ECHOED);
  });

  it.each([
    ['http', '/mcp'],
    ['sse', '/sse'],
  ])('lists and calls tools over %s', async (transport, at) => {
    await using server = await startStrom(undefined, { run: { transport: 'sse' } });
    const target = [server.origin + at, '--transport', transport];
    expect(await inspect(target, ['tools/list'])).toMatchObject({ tools: [{ name: 'echo' }] });
    expect(await inspect(target, CALL)).toEqual(ECHOED);
  });
});
