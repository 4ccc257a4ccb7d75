import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonLines, SDK_SERVER, StromCommand, strom } from './support/strom-command.ts';
import { openWorkshop, PNG } from './support/workshop.ts';

describe('strom call', () => {
  it('prints the result alone on standard output and every report on standard error', async () => {
    await using server = await openWorkshop();
    const { exitCode, stdout, stderr } = await strom(['call', server.url, 'count', 'to=3']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'counted to 3\n' });
    const lines = stderr.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}\S/);
    expect(lines.map((line) => line.slice(26))).toEqual([
      'count  1/3  33%  Processing document 1/3',
      'info     document 1 is done',
      'info     document 2 is done',
      'info     document 3 is done',
      'warning  one was locked',
      expect.stringMatching(/^count {2}3\/3 {2}100% {2}after \d+\.\d s$/),
    ]);
  });

  it('says which arguments the tool does not name, and calls it all the same', async () => {
    await using server = await openWorkshop();
    const words = ['call', server.url, 'count', 'to=1', 'nite=x'];
    const { exitCode, stderr } = await strom(words);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('count names no argument nite. Did you mean note?');
    expect((await strom([...words, '--ndjson'])).stderr).toBe('');
  });

  it('shows each report before the tool takes its next step', async () => {
    await using server = await openWorkshop();
    await using command = new StromCommand(['call', server.url, 'steps', '--ndjson']);
    await command.shows('stdout', /step 1/);
    expect(command.stdout).not.toContain('step 2');
    server.release();
    await command.shows('stdout', /step 2/);
    expect(command.stdout).not.toContain('all steps');
    server.release();
    expect((await command.ended()).exitCode).toBe(0);
  });

  it('writes every event as a line of JSON, in order, the result last', async () => {
    await using server = await openWorkshop();
    const { stdout, stderr } = await strom(['call', server.url, 'count', 'to=2', '--ndjson']);
    expect(stderr).toBe('');
    expect(jsonLines(stdout)).toEqual([
      { type: 'progress', progress: 1, total: 2, message: 'Processing document 1/2' },
      { type: 'log', level: 'info', data: 'document 1 is done' },
      { type: 'progress', progress: 2, total: 2, message: 'Processing document 2/2' },
      { type: 'log', level: 'info', data: 'document 2 is done' },
      { type: 'log', level: 'warning', data: 'one was locked' },
      expect.objectContaining({
        type: 'result',
        content: [{ type: 'text', text: 'counted to 2' }],
      }),
    ]);
  });

  it('writes the whole result as one JSON document', async () => {
    await using server = await openWorkshop();
    const { stdout } = await strom(['call', server.url, 'echo_args', 'count=3', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      content: [{ type: 'text', text: '{"count":3}' }],
      structuredContent: { count: 3 },
    });
  });

  it('prints structured content once, as JSON', async () => {
    await using server = await openWorkshop();
    const { stdout } = await strom(['call', server.url, 'echo_args', 'name=ink']);
    expect(stdout).toBe('{\n  "name": "ink"\n}\n');
  });

  it('says on standard error what it does not print, and writes it with --raw', async () => {
    await using server = await openWorkshop();
    const shown = await strom(['call', server.url, 'picture']);
    expect(shown.stdout).toBe('a pixel\nnote://one  The note\n');
    expect(shown.stderr).toContain('image not shown: image/png, 70 B');
    await using raw = new StromCommand(['call', server.url, 'picture', '--raw']);
    await raw.ended();
    const expected = [Buffer.from('a pixel'), PNG, Buffer.from('note://one  The note')];
    expect(raw.bytes('stdout')).toEqual(Buffer.concat(expected));
  });

  it('says nothing but the result with -q', async () => {
    await using server = await openWorkshop();
    const ended = await strom(['call', server.url, 'count', 'to=2', '-q']);
    expect(ended).toEqual({ exitCode: 0, stdout: 'counted to 2\n', stderr: '' });
  });

  it('keeps escape sequences of a server away from the person', async () => {
    await using server = await openWorkshop();
    const { stderr, stdout } = await strom(['call', server.url, 'hostile']);
    for (const control of ['\u001b', '\u0007']) expect(stderr).not.toContain(control);
    expect(stderr).toContain('info     red: red');
    // A program that reads the output gets the bytes as they are.
    expect(stdout).toBe('plain \u001b[2J\u202eend\n');
  });
});

describe('reports of strom call', () => {
  it('come as JSON lines with --progress=json', async () => {
    await using server = await openWorkshop();
    const args = ['call', server.url, 'count', 'to=1', '--progress=json'];
    const { stderr, stdout } = await strom(args);
    expect(stdout).toBe('counted to 1\n');
    expect(jsonLines(stderr)).toEqual([
      { type: 'progress', progress: 1, total: 1, message: 'Processing document 1/1' },
      { type: 'log', level: 'info', data: 'document 1 is done' },
      { type: 'log', level: 'warning', data: 'one was locked' },
    ]);
  });

  it('leave progress out with --progress=none, and logs below --log-level', async () => {
    await using server = await openWorkshop();
    const args = ['call', server.url, 'count', 'to=1', '--progress=none', '--log-level=warning'];
    const { stderr } = await strom(args);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(26)),
    ).toEqual(['warning  one was locked']);
  });

  it('are coloured where FORCE_COLOR asks for it, and nowhere else without a terminal', async () => {
    await using server = await openWorkshop();
    const args = ['call', server.url, 'count', 'to=1'];
    const colored = await strom(args, { env: { FORCE_COLOR: '1' } });
    expect(colored.stderr).toContain('\u001b[33mwarning\u001b[39m');
    const plain = await strom(args);
    expect(plain.stderr).not.toContain('\u001b');
  });

  it('tell of a question that nobody can answer here', async () => {
    await using server = await openWorkshop();
    const { stdout, stderr } = await strom(['call', server.url, 'ask']);
    expect(stdout).toBe('decline\n');
    expect(stderr).toContain('Who are you?');
  });
});

describe('arguments of strom call', () => {
  it('get the types that the schema of the tool names', async () => {
    await using server = await openWorkshop();
    await strom([
      ...['call', server.url, 'echo_args'],
      ...['count=3', 'ratio=null', 'isOn=true', 'name=7', 'paths=a.pdf', 'sizes=1', 'sizes=2.5'],
      'options:={"deep":[1]}',
    ]);
    expect(server.seen).toEqual([
      {
        ...{ count: 3, ratio: null, isOn: true, name: '7', paths: ['a.pdf'], sizes: [1, 2.5] },
        options: { deep: [1] },
      },
    ]);
  });

  it('come as JSON from the command line, from a file and from standard input', async () => {
    await using server = await openWorkshop();
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-cli-'));
    try {
      await writeFile(path.join(folder, 'args.json'), '{"count":2}');
      const call = ['call', server.url, 'echo_args', '--args'];
      await strom([...call, '{"count":1}', 'name=one']);
      await strom([...call, '@args.json'], { cwd: folder });
      await strom([...call, '-'], { input: '{"count":3}' });
    } finally {
      await rm(folder, { recursive: true });
    }
    expect(server.seen).toEqual([{ count: 1, name: 'one' }, { count: 2 }, { count: 3 }]);
  });
});

describe('strom call with an official server behind a command', () => {
  it('shows its progress, its logs and its result', async () => {
    const args = ['call', 'count', 'to=2', '--ndjson', '--', ...SDK_SERVER];
    const { exitCode, stdout } = await strom(args);
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout)).toEqual([
      { type: 'progress', progress: 1, total: 2, message: 'step 1' },
      { type: 'progress', progress: 2, total: 2, message: 'step 2' },
      { type: 'log', level: 'info', data: 'counted', logger: 'count' },
      expect.objectContaining({ content: [{ type: 'text', text: 'counted to 2' }] }),
    ]);
  });

  it.each(['session', 'stateless'])('finds a Strom server in the %s era as well', async (era) => {
    await using server = await openWorkshop();
    const { stdout } = await strom(['call', server.url, 'count', 'to=1', '--era', era, '-q']);
    expect(stdout).toBe('counted to 1\n');
  });

  it('finds a server over HTTP+SSE', async () => {
    await using server = await openWorkshop({ run: { legacySse: true } });
    const { stdout } = await strom(['call', `${server.origin}/sse`, 'count', 'to=1', '-q']);
    expect(stdout).toBe('counted to 1\n');
  });
});
