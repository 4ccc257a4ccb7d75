import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/cli/cli-error.ts';
import { jsonLines, lastError, MAIN, StromCommand, strom } from './support/strom-command.ts';
import { openWorkshop } from './support/workshop.ts';

const DOCUMENT = path.join(import.meta.dirname, '../../../../docs/cli.md');

/** A server that gives every request the same answer. */
async function answering(status: number, headers: Record<string, string> = {}) {
  const seen: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(status, { 'Content-Type': 'text/plain', ...headers }).end('no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function closedUrl(): Promise<string> {
  await using server = await answering(200);
  return server.url;
}

describe('exit codes', () => {
  it('are the ones that the documents list', async () => {
    const text = await readFile(DOCUMENT, 'utf8');
    const rows = [...text.matchAll(/^\| `(\d+)` \| `(\w+)` \|/gm)];
    const listed = Object.fromEntries(rows.map(([, exitCode, code]) => [code, Number(exitCode)]));
    expect(listed).toEqual({ ...EXIT_CODES, ok: 0 });
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['cal', '--json']],
    ['an unknown command of a group', ['task', 'wach', '--json']],
    ['a missing option of a group', ['keys', 'create', '--json']],
    ['an unknown option', ['list', 'http://127.0.0.1/mcp', '--jsno', '--json']],
    ['a server that is none', ['list', 'nowhere', '--json']],
    ['no tool', ['call', 'http://127.0.0.1/mcp', '--json']],
    ['an argument without a value', ['call', 'http://127.0.0.1/mcp', 'tool', 'word', '--json']],
    ['broken JSON', ['call', 'http://127.0.0.1/mcp', 'tool', 'a:={', '--json']],
    ['options that exclude each other', ['call', 'http://x/mcp', 'tool', '--json', '--ndjson']],
    ['a malformed duration', ['call', 'http://x/mcp', 'tool', '--timeout=soon', '--json']],
    ['a variable that is not set', ['list', 'http://x/', '-H', `A: \${STROM_UNSET}`, '--json']],
  ])('1, usage: %s', async (_name, args) => {
    const { exitCode, stdout, stderr } = await strom(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    if (args.length > 0) expect(lastError(stderr)).toMatchObject({ code: 'usage' });
  });

  it('1, server_error: the server answers with an error', async () => {
    await using server = await openWorkshop();
    const { exitCode, stderr } = await strom(['call', server.url, 'crash', '--json']);
    expect(exitCode).toBe(1);
    expect(lastError(stderr)).toMatchObject({ code: 'server_error', reason: -32603 });
    expect(stderr).not.toContain('a secret');
  });

  it.skipIf(!existsSync('/dev/full'))('1, output_failed: the disk is full', async () => {
    await using server = await openWorkshop();
    const command = `"${process.execPath}" "$0" call ${server.url} count to=1 --json > /dev/full`;
    const { exitCode, stderr } = await shell(command);
    expect(exitCode).toBe(1);
    expect(lastError(stderr)).toMatchObject({ code: 'output_failed' });
  });

  it.each([401, 403])('3, auth_required: HTTP %i', async (status) => {
    await using server = await answering(status, { 'WWW-Authenticate': 'Bearer' });
    const { exitCode, stderr } = await strom(['list', server.url, '--json']);
    expect(exitCode).toBe(3);
    expect(lastError(stderr)).toMatchObject({ code: 'auth_required', status });
  });

  it('4, unreachable: nothing listens, no such host, no such program', async () => {
    const targets = [
      [await closedUrl()],
      ['http://strom.invalid/mcp'],
      ['--', 'no-such-program'],
      ['--', process.execPath, '-e', 'process.exit(3)'],
    ];
    for (const target of targets) {
      const { exitCode, stderr } = await strom(['list', '--json', ...target]);
      expect(exitCode).toBe(4);
      expect(lastError(stderr)).toMatchObject({ code: 'unreachable' });
    }
  });

  it('5, tool_error: the tool says that it failed', async () => {
    await using server = await openWorkshop();
    const { exitCode, stdout, stderr } = await strom(['call', server.url, 'fail', '--json']);
    expect(exitCode).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ isError: true });
    expect(lastError(stderr)).toMatchObject({ code: 'tool_error' });
    expect(stderr).toContain('the disk is full');
    expect(stderr).not.toContain('It takes:');
  });

  it('5, tool_error: says what the tool takes where an argument is missing', async () => {
    await using server = await openWorkshop();
    const { exitCode, stderr } = await strom(['call', server.url, 'count']);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('It takes: to=<integer> [note=<string>]');
  });

  it('5, tool_not_found: names the tool that may be meant and calls none', async () => {
    await using server = await openWorkshop();
    const { exitCode, stdout, stderr } = await strom(['call', server.url, 'echo_arg', '--json']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
    expect(lastError(stderr)).toMatchObject({ code: 'tool_not_found' });
    expect(stderr).toContain('Did you mean echo_args?');
    expect(server.seen).toEqual([]);
  });

  it.each([
    ['ERR_IDLE_TIMEOUT', 'hang', ['--timeout=300ms']],
    ['ERR_TOTAL_TIMEOUT', 'babble', ['--max-time=300ms']],
  ])('124, timeout: %s', async (reason, tool, flags) => {
    await using server = await openWorkshop();
    const args = ['call', server.url, tool, '--json', '--progress=none', ...flags];
    const { exitCode, stderr } = await strom(args);
    expect(exitCode).toBe(124);
    expect(lastError(stderr)).toMatchObject({ code: 'timeout', reason });
    expect(['ERR_PEER_GONE', 'ERR_CANCELLED']).toContain(await server.stopped);
  });

  it('141, output_closed: the reader has gone, and the call is cancelled', async () => {
    await using server = await openWorkshop();
    await using command = new StromCommand(['call', server.url, 'babble', '--ndjson']);
    await command.shows('stdout', /progress/);
    command.child.stdout.destroy();
    expect(await command.ended()).toMatchObject({ exitCode: 141, stderr: '' });
    await server.stopped;
  });

  it('are told as an event where events are asked for', async () => {
    await using server = await openWorkshop();
    const args = ['call', server.url, 'hang', '--ndjson', '--timeout=300ms'];
    const { stdout } = await strom(args);
    expect(jsonLines(stdout).map(({ type, code }) => ({ type, code }))).toEqual([
      { type: 'log', code: undefined },
      { type: 'error', code: 'timeout' },
    ]);
  });

  it('come with a stack only with -v', async () => {
    const url = await closedUrl();
    expect((await strom(['list', url])).stderr).not.toMatch(/^ +at /m);
    expect((await strom(['list', url, '-v'])).stderr).toMatch(/^ +at /m);
  });
});

describe('headers', () => {
  it('are filled from the environment, sent, and never shown', async () => {
    await using server = await answering(500);
    const secret = 'tok-8f3a';
    const args = [
      'list',
      server.url,
      '-v',
      '--json',
      '-H',
      `Authorization: Bearer \${STROM_TOKEN}`,
    ];
    const { stdout, stderr } = await strom(args, { env: { STROM_TOKEN: secret } });
    expect(server.seen[0]).toMatchObject({ authorization: `Bearer ${secret}` });
    expect(stdout + stderr).not.toContain(secret);
  });
});

/** A line of shell, for what only a shell can do; `$0` is the command line under test. */
async function shell(line: string) {
  const child = spawn('sh', ['-c', line, MAIN], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, stderr };
}
