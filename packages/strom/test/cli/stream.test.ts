import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { jsonLines, StromCommand, strom } from './support/strom-command.ts';
import { openWorkshop } from './support/workshop.ts';

/** A server that is no Strom: the test writes its one answer piece by piece. */
async function foreignStream(contentType: string) {
  const pieces: string[] = [];
  let take: (() => void) | undefined;
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'Content-Type': contentType });
    response.flushHeaders();
    for (;;) {
      const piece = pieces.shift();
      if (piece === '') break;
      if (piece !== undefined) response.write(piece);
      else await new Promise<void>((resolve) => (take = resolve));
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/events`,
    /** Sends a piece; an empty one ends the stream. */
    send(piece: string): void {
      pieces.push(piece);
      take?.();
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

describe('strom stream', () => {
  it('prints each chunk of a tool as soon as it is there', async () => {
    await using server = await openWorkshop();
    const url = `${server.origin}/stream/chunks`;
    await using command = new StromCommand(['stream', url, '--data', '{}']);
    await command.shows('stdout', /^chunk 1\n$/);
    server.release();
    await command.shows('stdout', /^chunk 1\nchunk 2\n$/);
    server.release();
    const { exitCode, stdout, stderr } = await command.ended();
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: 'chunk 1\nchunk 2\n',
      stderr: '',
    });
  });

  it('shows progress and logs of a Strom server on standard error, its result as data', async () => {
    await using server = await openWorkshop();
    const url = `${server.origin}/stream/count`;
    const { stdout, stderr } = await strom(['stream', url, 'to:=1', '--progress=json']);
    expect(stdout).toBe('counted to 1\n');
    expect(jsonLines(stderr).map(({ type }) => type)).toEqual(['progress', 'log', 'log']);
  });

  it.each(['text/event-stream', 'application/x-ndjson'])(
    'gives the same lines of JSON from %s',
    async (accept) => {
      await using server = await openWorkshop();
      const args = ['stream', `${server.origin}/stream/count`, '--data', '{"to":1}', '--ndjson'];
      const { stdout, stderr } = await strom([...args, '--accept', accept]);
      expect(stderr).toBe('');
      expect(jsonLines(stdout)).toEqual([
        { type: 'progress', progress: 1, total: 1, message: 'Processing document 1/1' },
        { type: 'log', level: 'info', data: 'document 1 is done' },
        { type: 'log', level: 'warning', data: 'one was locked' },
        expect.objectContaining({ type: 'result' }),
      ]);
    },
  );

  it('exits with 5 when the tool behind the stream fails', async () => {
    await using server = await openWorkshop();
    const { exitCode, stderr } = await strom(['stream', `${server.origin}/stream/fail`, 'name=x']);
    expect(exitCode).toBe(5);
    expect(stderr).toContain('the disk is full');
  });

  it.each([
    ['text/event-stream', 'event: tick\ndata: {"n":1}\n\n', '{"n":1}\n'],
    ['text/event-stream', 'data: some text\n\n', 'some text\n'],
    ['application/x-ndjson', '{"n":1}\n', '{"n":1}\n'],
    ['text/plain', 'a line\n', 'a line\n'],
  ])('prints each piece of any other server as it comes: %s', async (type, piece, printed) => {
    await using server = await foreignStream(type);
    await using command = new StromCommand(['stream', server.url]);
    server.send(piece);
    await command.shows('stdout', /\n$/);
    expect(command.stdout).toBe(printed);
    server.send(piece);
    server.send('');
    expect(await command.ended()).toMatchObject({ exitCode: 0, stdout: printed.repeat(2) });
  });
});
