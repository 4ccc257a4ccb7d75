import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Manifest } from '../../src/jobs/manifest.ts';
import { bigPdf } from '../support/big-pdf.ts';
import { isRunning } from '../support/engine.ts';
import { SAMPLES } from '../support/samples.ts';
import { stdioServer } from '../support/stdio-server.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

/** Asks for progress; what arrives is noted by the fixture. */
const LIVE = { onprogress: () => undefined };

describe.skipIf(process.platform !== 'linux')('the documents server over stdio', () => {
  it('converts the sample archive and reports every document', async () => {
    await using output = await tempFolder();
    await using server = await stdioServer(SAMPLES, output.path);
    const result = await server.client.callTool(
      { name: 'convert_folder', arguments: {} },
      undefined,
      LIVE,
    );
    const heard = server.progress;
    const steps = heard.filter(({ message }) => message.startsWith('Processing document'));
    expect(steps.map(({ progress }) => progress)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
    expect(steps[1]?.message).toBe('Processing document 2/16: annual-report-2024.pdf');
    expect(heard.map(({ progress }) => progress)).toEqual(
      heard.map(({ progress }) => progress).toSorted((one, other) => one - other),
    );
    expect(heard).toContainEqual({ progress: 1.8, message: 'annual-report-2024.pdf: page 4/5' });
    expect(server.logs).toContain(
      'warning: Document 5/16 failed: confidential/staff-review-locked.pdf (password_protected)',
    );
    expect(server.logs.at(-1)).toBe('info: Processing complete!');
    expect(server.logs).toHaveLength(17);
    expect(result.structuredContent).toMatchObject({ total: 16, converted: 14, failed: 2 });
  });

  it('sends the line of a document before it touches the next', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await docs.write('a.pdf', await bigPdf(40));
    await docs.write('b.pdf', await bigPdf(40));
    await docs.write('c.pdf', await bigPdf(40));
    await using server = await stdioServer(docs.path, output.path);
    const written: string[][] = [];
    server.onProgress = ({ message }) => {
      if (message.startsWith('Processing')) written.push(visible(output));
    };
    await server.client.callTool({ name: 'convert_folder', arguments: {} }, undefined, LIVE);
    const heard = server.progress.map(({ message }) => message);
    // A page of a document is heard of only after the line of the document before it.
    expect(heard.indexOf('b.pdf: page 1/40')).toBeGreaterThan(
      heard.indexOf('Processing document 1/3: a.pdf'),
    );
    expect(heard.indexOf('c.pdf: page 1/40')).toBeGreaterThan(
      heard.indexOf('Processing document 2/3: b.pdf'),
    );
    // And when the line arrives, the Markdown of that document is there, of the next is not.
    expect(written).toEqual([
      ['a.pdf.md'],
      ['a.pdf.md', 'b.pdf.md'],
      ['a.pdf.md', 'b.pdf.md', 'c.pdf.md'],
    ]);
  });

  it('links the Markdown instead of returning it, and serves it as a resource', async () => {
    await using output = await tempFolder();
    await using server = await stdioServer(SAMPLES, output.path);
    const result = await server.client.callTool({
      name: 'process_files',
      arguments: { paths: ['annual-report-2024.pdf', 'minutes/2024-06-20-council.docx'] },
    });
    const { job } = result.structuredContent as Manifest;
    const content = result.content as { type: string; uri?: string; text?: string }[];
    expect(content.map(({ type }) => type)).toEqual(['text', 'resource_link', 'resource_link']);
    expect(content[0]?.text).toMatch(/^Converted 2 of 2 documents in \d+\.\d s\.$/);
    expect(content[2]?.uri).toBe(`doc://${job}/minutes/2024-06-20-council.docx`);
    const read = await server.client.readResource({ uri: content[1]?.uri ?? '' });
    expect(read.contents).toEqual([
      expect.objectContaining({
        mimeType: 'text/markdown',
        text: expect.stringMatching(/^# Annual Report 2024\n/),
      }),
    ]);
    const { resources } = await server.client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      'doc://jobs',
      content[1]?.uri,
      content[2]?.uri,
    ]);
  });

  it('scans without converting', async () => {
    await using output = await tempFolder();
    await using server = await stdioServer(SAMPLES, output.path);
    const { structuredContent } = await server.client.callTool({
      name: 'scan',
      arguments: { folder: 'minutes' },
    });
    expect(structuredContent).toMatchObject({
      total: 2,
      formats: { pdf: { documents: 1 }, docx: { documents: 1 } },
      documents: [
        { path: 'minutes/2024-03-14-council.pdf' },
        { path: 'minutes/2024-06-20-council.docx' },
      ],
    });
    expect(visible(output)).toEqual([]);
    expect(server.workerPids()).toEqual([]);
  });

  it.each([
    ['scan', { folder: '../..' }],
    ['scan', { folder: '/etc' }],
    ['convert_folder', { folder: 'missing' }],
    ['convert_folder', { folder: '', output: '../up' }],
    ['process_files', { paths: [] }],
  ])('refuses %s with %j and says why', async (name, args) => {
    await using output = await tempFolder();
    await using server = await stdioServer(SAMPLES, output.path);
    const result = await server.client.callTool({ name, arguments: args });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain(SAMPLES);
  });

  it('reports a path outside the roots like one that is missing', async () => {
    await using output = await tempFolder();
    await using server = await stdioServer(SAMPLES, output.path);
    const { structuredContent } = await server.client.callTool({
      name: 'process_files',
      arguments: { paths: ['../package.json', '/etc/passwd', 'missing.pdf', 'stations.json'] },
    });
    const { documents } = structuredContent as Manifest;
    expect(documents.map(({ error }) => error?.code)).toEqual([
      'not_found',
      'not_found',
      'not_found',
      undefined,
    ]);
    expect(new Set(documents.slice(0, 3).map(({ error }) => error?.message)).size).toBe(1);
  });

  it('ends the conversion process within a second of a cancel', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await docs.write('a.pdf', await bigPdf(400));
    await docs.write('b.txt', 'never reached');
    await using server = await stdioServer(docs.path, output.path);
    const cancel = new AbortController();
    let pids: number[] = [];
    let cancelledAt = 0;
    const call = server.client.callTool({ name: 'convert_folder', arguments: {} }, undefined, {
      signal: cancel.signal,
      onprogress: () => {
        if (cancel.signal.aborted) return;
        pids = server.workerPids();
        cancelledAt = performance.now();
        cancel.abort();
      },
    });
    await expect(call).rejects.toThrow();
    await vi.waitFor(() => expect(pids.map(isRunning)).toEqual([false]), {
      timeout: 1_000,
      interval: 10,
    });
    expect(performance.now() - cancelledAt).toBeLessThan(1_000);
    expect(visible(output)).toEqual([]);
    // The server itself goes on.
    expect((await server.client.listTools()).tools).toHaveLength(3);
  });

  it('leaves no process when the client goes away in the middle of a document', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await docs.write('a.pdf', await bigPdf(400));
    const server = await stdioServer(docs.path, output.path);
    let pids: number[] = [];
    const started = new Promise<void>((resolve) => {
      const onprogress = (): void => {
        pids = server.workerPids();
        resolve();
      };
      server.client
        .callTool({ name: 'convert_folder', arguments: {} }, undefined, { onprogress })
        .catch(() => undefined);
    });
    await started;
    await server.client.close();
    await vi.waitFor(() => expect([server.pid, ...pids].map(isRunning)).toEqual([false, false]));
  });
});

function visible(folder: TempFolder): string[] {
  if (!existsSync(join(folder.path))) return [];
  return readdirSync(folder.path).filter((name) => !name.startsWith('.'));
}
