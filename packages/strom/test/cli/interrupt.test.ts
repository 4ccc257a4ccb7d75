import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { jsonLines, lastError, SDK_SERVER, StromCommand } from './support/strom-command.ts';
import { openWorkshop } from './support/workshop.ts';

const STUBBORN = [
  ...SDK_SERVER.slice(0, -1),
  fileURLToPath(import.meta.resolve('./support/stubborn-server.ts')),
];

describe('Ctrl-C', () => {
  it.each([
    ['stateless', 'ERR_PEER_GONE'],
    ['session', 'ERR_CANCELLED'],
  ])(
    'cancels a call of the %s era on the server, says so and exits with 130',
    async (era, code) => {
      await using server = await openWorkshop();
      await using command = new StromCommand(['call', server.url, 'hang', '--era', era, '--json']);
      await command.shows('stderr', /hanging/);
      command.child.kill('SIGINT');
      expect(await server.stopped).toBe(code);
      const { exitCode, stdout, stderr } = await command.ended();
      expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
      expect(stderr).toContain('cancelling hang');
      expect(lastError(stderr)).toMatchObject({ code: 'interrupted' });
    },
  );

  it('ends a stream of events with the reason', async () => {
    await using server = await openWorkshop();
    await using command = new StromCommand(['call', server.url, 'hang', '--ndjson']);
    await command.shows('stdout', /hanging/);
    command.child.kill('SIGINT');
    const { stdout } = await command.ended();
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'error', code: 'interrupted' });
  });

  it('cancels a plain HTTP stream', async () => {
    await using server = await openWorkshop();
    await using command = new StromCommand([
      'stream',
      `${server.origin}/stream/hang`,
      '-X',
      'POST',
    ]);
    await command.shows('stderr', /hanging/);
    command.child.kill('SIGINT');
    expect(await server.stopped).toBe('ERR_PEER_GONE');
    expect((await command.ended()).exitCode).toBe(130);
  });

  it('stops a tool of an official server behind a command', async () => {
    await using command = new StromCommand(['call', 'hang', '--', ...SDK_SERVER]);
    await command.shows('stderr', /hanging/);
    command.child.kill('SIGINT');
    const { exitCode, stderr } = await command.ended();
    expect(exitCode).toBe(130);
    expect(stderr).toContain('stopped');
  });

  it('does not reach a server behind a command itself, which is told to cancel', async () => {
    await using command = new StromCommand(['call', 'hang', '--', ...STUBBORN], { ownGroup: true });
    const [, pid] = await command.shows('stderr', /process (\d+) hangs/);
    try {
      // As a terminal does it: to the whole group.
      process.kill(-(command.child.pid ?? 0), 'SIGINT');
      await command.shows('stderr', /told to cancel/);
    } finally {
      process.kill(Number(pid), 'SIGKILL');
    }
    const { exitCode, stderr } = await command.ended();
    expect(exitCode).toBe(130);
    expect(stderr).not.toContain('ignoring SIGINT');
  });

  it('leaves at once when it comes twice, even if the server does not', async () => {
    await using command = new StromCommand(['call', 'hang', '--', ...STUBBORN]);
    const [, pid] = await command.shows('stderr', /process (\d+) hangs/);
    try {
      command.child.kill('SIGINT');
      await command.shows('stderr', /cancelling hang/);
      command.child.kill('SIGINT');
      const exitCode = await new Promise((resolve) => command.child.once('exit', resolve));
      expect(exitCode).toBe(130);
      // Without the second signal it would first have asked the server to leave, for seconds.
      expect(command.stderr).not.toContain('ignoring SIGTERM');
    } finally {
      process.kill(Number(pid), 'SIGKILL');
    }
  });
});

describe('SIGTERM', () => {
  it('cancels the call and exits with 143', async () => {
    await using server = await openWorkshop();
    await using command = new StromCommand(['call', server.url, 'hang', '--json']);
    await command.shows('stderr', /hanging/);
    command.child.kill('SIGTERM');
    await server.stopped;
    const { exitCode, stderr } = await command.ended();
    expect(exitCode).toBe(143);
    expect(lastError(stderr)).toMatchObject({ code: 'terminated' });
  });
});
