import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../src/engine.ts';
import type { DocumentRecord } from '../src/jobs/manifest.ts';
import { bigPdf } from './support/big-pdf.ts';
import { docxBomb, pdfBomb } from './support/bombs.ts';
import { engineFixture } from './support/engine.ts';
import { SAMPLES, sample } from './support/samples.ts';

const byPath = (documents: readonly DocumentRecord[], path: string): DocumentRecord | undefined =>
  documents.find((document) => document.path === path);

async function markdownOf(engine: Engine, id: string, path: string): Promise<string | undefined> {
  const job = engine.jobs.get(id, 'local');
  return job && (await engine.readMarkdown(job, path))?.toString();
}

describe('Engine', () => {
  it('converts the whole sample archive, failures included', async () => {
    await using fixture = await engineFixture({ roots: [SAMPLES] });
    const listed = await fixture.engine.list('');
    const manifest = await fixture.engine.convert({ paths: listed.map(({ path }) => path) });
    expect(manifest).toMatchObject({ total: 16, converted: 14, failed: 2, skipped: 0 });
    expect(byPath(manifest.documents, 'confidential/staff-review-locked.pdf')).toMatchObject({
      status: 'failed',
      format: 'pdf',
      error: { code: 'password_protected' },
    });
    expect(byPath(manifest.documents, 'confidential/flood-plan-damaged.docx')).toMatchObject({
      status: 'failed',
      format: 'docx',
      error: { code: 'corrupt' },
    });
    const report = byPath(manifest.documents, 'annual-report-2024.pdf');
    expect(report).toMatchObject({
      status: 'converted',
      pages: 5,
      output: 'annual-report-2024.pdf.md',
    });
    expect(report?.sha256).toMatch(/^[0-9a-f]{64}$/);
    const markdown = await readFile(join(fixture.output.path, report?.output ?? ''), 'utf8');
    expect(markdown).toMatch(/^# Annual Report 2024\n/);
  });

  it('names every failure and goes on', async () => {
    await using fixture = await engineFixture({
      limits: { maxInputBytes: 4_000_000, timeoutMs: 1_500 },
    });
    await fixture.docs.write('a-empty.txt', '');
    await fixture.docs.write('b-binary.txt', Buffer.from([0, 1, 2]));
    await fixture.docs.write('c-unknown.xyz', 'words');
    await fixture.docs.write('d-not-a.pdf', 'words');
    await fixture.docs.write('e-bomb.docx', docxBomb());
    await fixture.docs.write('f-slow.pdf', pdfBomb(64));
    await fixture.docs.write('g-large.txt', Buffer.alloc(4_000_001, 'a'));
    await fixture.docs.write('h-good.txt', 'still here');
    const listed = await fixture.engine.list('');
    const paths = [...listed.map(({ path }) => path), '../outside.txt', 'missing.txt'];
    const { documents } = await fixture.engine.convert({ paths });
    expect(documents.map(({ path, error }) => [path, error?.code])).toEqual([
      ['a-empty.txt', 'empty'],
      ['b-binary.txt', 'unsupported'],
      ['c-unknown.xyz', 'unsupported'],
      ['d-not-a.pdf', 'corrupt'],
      ['e-bomb.docx', 'too_large'],
      ['f-slow.pdf', 'timeout'],
      ['g-large.txt', 'too_large'],
      ['h-good.txt', undefined],
      ['../outside.txt', 'not_found'],
      ['missing.txt', 'not_found'],
    ]);
    expect(JSON.stringify(documents)).not.toContain(fixture.docs.path);
  });

  it('touches a document only after the one before was reported', async () => {
    await using fixture = await engineFixture();
    await fixture.docs.write('1.txt', 'one');
    const { documents } = await fixture.engine.convert({
      paths: ['1.txt', '2.txt', '3.txt'],
      // The next document does not exist before this report, so it cannot have been opened.
      onDocument: async (_record, { documents }) => {
        await fixture.docs.write(`${documents.length + 1}.txt`, 'written late');
      },
    });
    expect(documents.map(({ status }) => status)).toEqual(['converted', 'converted', 'converted']);
  });

  it('stops within a page when cancelled and leaves nothing half done', async () => {
    await using fixture = await engineFixture();
    await fixture.docs.write('big.pdf', await bigPdf(300));
    await fixture.docs.write('next.txt', 'never reached');
    const cancel = new AbortController();
    const reported: string[] = [];
    const { documents } = await fixture.engine.convert({
      paths: ['big.pdf', 'next.txt'],
      signal: cancel.signal,
      onPage: ({ page }) => page === 2 && cancel.abort(),
      onDocument: ({ path }) => void reported.push(path),
    });
    expect(documents.map(({ status, error }) => [status, error?.code])).toEqual([
      ['skipped', 'cancelled'],
      ['skipped', 'cancelled'],
    ]);
    expect(reported).toEqual([]);
    expect(fixture.engine.workerPids).toEqual([]);
    expect(await readdir(fixture.output.path)).toEqual(['.strom-documents.json']);
  });

  it('goes on after the process of a document was killed', async () => {
    await using fixture = await engineFixture();
    await fixture.docs.write('a.pdf', await bigPdf(300));
    await fixture.docs.write('b.txt', 'words');
    const { documents } = await fixture.engine.convert({
      paths: ['a.pdf', 'b.txt'],
      onPage: ({ page }) =>
        page === 2 && process.kill(fixture.engine.workerPids[0] ?? 0, 'SIGKILL'),
    });
    expect(documents.map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'worker_crashed'],
      ['converted', undefined],
    ]);
  });

  it('keeps the event loop free while a large PDF is converted', async () => {
    await using fixture = await engineFixture();
    await fixture.docs.write('big.pdf', await bigPdf(300));
    const pages: number[] = [];
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const { documents } = await fixture.engine.convert({
      paths: ['big.pdf'],
      onPage: ({ page }) => void pages.push(page),
    });
    delay.disable();
    expect(documents[0]).toMatchObject({ status: 'converted', pages: 300 });
    expect(pages).toHaveLength(300);
    expect(delay.max / 1e6).toBeLessThan(250);
  });

  it('skips what is unchanged when asked to, and only that', async () => {
    await using fixture = await engineFixture();
    await fixture.docs.write('same.txt', 'same');
    await fixture.docs.write('edited.txt', 'first');
    await fixture.docs.write('lost.txt', 'lost');
    const paths = ['same.txt', 'edited.txt', 'lost.txt'];
    await fixture.engine.convert({ paths });
    await fixture.docs.write('edited.txt', 'later');
    await rm(join(fixture.output.path, 'lost.txt.md'));
    const again = await fixture.engine.convert({ paths, onlyChanged: true });
    expect(again.documents.map(({ status, error }) => [status, error?.code])).toEqual([
      ['skipped', 'unchanged'],
      ['converted', undefined],
      ['converted', undefined],
    ]);
    expect(await markdownOf(fixture.engine, again.job, 'same.txt')).toBe('same\n');
    expect(await markdownOf(fixture.engine, again.job, 'edited.txt')).toBe('later\n');
  });

  it('writes into the sub-folder it was given', async () => {
    await using fixture = await engineFixture();
    await fixture.docs.write('sub/report.txt', 'words');
    const { documents } = await fixture.engine.convert({
      paths: ['sub/report.txt'],
      output: 'march/first',
    });
    expect(documents[0]?.output).toBe('march/first/sub/report.txt.md');
    await expect(fixture.engine.convert({ paths: [], output: '../up' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('offers only the Markdown of documents a job converted', async () => {
    await using fixture = await engineFixture();
    await fixture.docs.write('a.txt', 'words');
    const { job } = await fixture.engine.convert({ paths: ['a.txt'] });
    expect(await markdownOf(fixture.engine, job, 'a.txt')).toBe('words\n');
    expect(await markdownOf(fixture.engine, job, '../a.txt')).toBeUndefined();
    expect(await markdownOf(fixture.engine, job, '.strom-documents.json')).toBeUndefined();
  });

  it('shows a job to its owner only', async () => {
    await using fixture = await engineFixture();
    await fixture.docs.write('a.txt', 'words');
    const { job } = await fixture.engine.convert({ paths: ['a.txt'], owner: 'ilse' });
    expect(fixture.engine.jobs.get(job, 'ilse')).toMatchObject({ id: job, isRunning: false });
    expect(fixture.engine.jobs.get(job, 'per')).toBeUndefined();
    expect(fixture.engine.jobs.list('ilse')).toHaveLength(1);
    expect(fixture.engine.jobs.list('per')).toEqual([]);
  });

  it('reads documents as they are on disk, byte for byte', async () => {
    await using fixture = await engineFixture();
    const { bytes } = await sample('annual-report-2024.pdf');
    await fixture.docs.write('wrong-name.docx', bytes);
    const { documents } = await fixture.engine.convert({ paths: ['wrong-name.docx'] });
    expect(documents[0]).toMatchObject({ status: 'converted', format: 'pdf', bytes: bytes.length });
  });
});
