import { describe, expect, it } from 'vitest';
import { completeLimits, type Limits } from '../../src/base/limits.ts';
import { WorkerPool } from '../../src/workers/worker-pool.ts';
import type { WorkerTask } from '../../src/workers/worker-process.ts';
import { bigPdf } from '../support/big-pdf.ts';
import { docxBomb, pdfBomb } from '../support/bombs.ts';
import { isRunning } from '../support/engine.ts';

const MIB = 1024 * 1024;
const code = (expected: string) => expect.objectContaining({ code: expected });

function task(bytes: Uint8Array, changes: Partial<WorkerTask> = {}): WorkerTask {
  return {
    name: 'document',
    source: pieces(bytes),
    limits: completeLimits(),
    signal: new AbortController().signal,
    onPage: () => {},
    ...changes,
  };
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += MIB) yield bytes.subarray(start, start + MIB);
}

function pool(limits: Partial<Limits> = {}, size = 1): WorkerPool {
  return new WorkerPool({ size, memoryBytes: completeLimits(limits).memoryBytes });
}

describe('WorkerPool', () => {
  it('converts one document after another in the same process', async () => {
    await using workers = pool();
    const first = await workers.convert(task(Buffer.from('one'), { name: 'a.txt' }));
    const [pid] = workers.pids;
    const second = await workers.convert(task(Buffer.from('two'), { name: 'b.txt' }));
    expect(first.kind === 'done' && Buffer.from(first.markdown).toString()).toBe('one\n');
    expect(second.kind === 'done' && Buffer.from(second.markdown).toString()).toBe('two\n');
    expect(workers.pids).toEqual([pid]);
  });

  it('runs no more processes than its size', async () => {
    await using workers = pool({}, 2);
    let most = 0;
    const convert = async (name: string): Promise<void> => {
      await workers.convert(task(Buffer.from(name), { name: `${name}.txt` }));
      most = Math.max(most, workers.pids.length);
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(convert));
    expect(most).toBe(2);
  });

  it('ends the process within a second of a cancel in the middle of a PDF', async () => {
    await using workers = pool();
    const cancel = new AbortController();
    let pid = 0;
    let abortedAt = 0;
    const onPage = (page: number): void => {
      if (page !== 3) return;
      [pid = 0] = workers.pids;
      abortedAt = performance.now();
      cancel.abort();
    };
    const document = task(await bigPdf(400), { name: 'a.pdf', signal: cancel.signal, onPage });
    await expect(workers.convert(document)).rejects.toEqual(code('cancelled'));
    expect(performance.now() - abortedAt).toBeLessThan(1_000);
    expect(pid).toBeGreaterThan(0);
    expect(isRunning(pid)).toBe(false);
    expect(workers.pids).toEqual([]);
  });

  it('lets a waiting document go when it is cancelled, and serves the next', async () => {
    await using workers = pool();
    const cancel = new AbortController();
    const first = workers.convert(task(Buffer.from('one'), { name: 'a.txt' }));
    const waiting = workers.convert(task(Buffer.from('x'), { signal: cancel.signal }));
    const last = workers.convert(task(Buffer.from('two'), { name: 'b.txt' }));
    cancel.abort();
    await expect(waiting).rejects.toEqual(code('cancelled'));
    await expect(first).resolves.toMatchObject({ kind: 'done' });
    await expect(last).resolves.toMatchObject({ kind: 'done' });
  });

  it('replaces a process that was killed from outside', async () => {
    await using workers = pool();
    const onPage = (page: number): void => {
      if (page === 2) process.kill(workers.pids[0] ?? 0, 'SIGKILL');
    };
    const document = task(await bigPdf(400), { name: 'a.pdf', onPage });
    await expect(workers.convert(document)).rejects.toEqual(code('worker_crashed'));
    const next = await workers.convert(task(Buffer.from('one'), { name: 'a.txt' }));
    expect(next.kind).toBe('done');
  });

  it('stops at the time limit', async () => {
    await using workers = pool();
    const limits = completeLimits({ timeoutMs: 700 });
    const started = performance.now();
    await expect(workers.convert(task(pdfBomb(64), { name: 'a.pdf', limits }))).rejects.toEqual(
      code('timeout'),
    );
    expect(performance.now() - started).toBeLessThan(2_500);
    expect(workers.pids).toEqual([]);
  });

  it('stops a heap that outgrows the memory limit', async () => {
    const limits = completeLimits({ memoryBytes: 160 * MIB });
    await using workers = pool(limits);
    const greedy = Buffer.from(`[${'{"a":[{}]},'.repeat(2_000_000)}1]`);
    await expect(workers.convert(task(greedy, { name: 'a.json', limits }))).rejects.toEqual(
      code('out_of_memory'),
    );
    expect(workers.pids).toEqual([]);
  });

  it('stops buffers outside the heap that outgrow the memory limit', async () => {
    const limits = completeLimits({ memoryBytes: 100 * MIB });
    await using workers = pool(limits);
    const large = Buffer.alloc(60 * MIB, 'word ');
    await expect(workers.convert(task(large, { name: 'a.txt', limits }))).rejects.toEqual(
      code('out_of_memory'),
    );
  });

  it('refuses a zip bomb without inflating it', async () => {
    await using workers = pool();
    const answer = await workers.convert(task(docxBomb(), { name: 'a.docx' }));
    expect(answer).toMatchObject({ kind: 'failed', code: 'too_large' });
    expect(answer.rssBytes).toBeLessThan(160 * MIB);
  });

  it('fails the document in work when it is disposed, and leaves no process', async () => {
    const workers = pool();
    let disposed: Promise<void> | undefined;
    const onPage = (): void => {
      disposed ??= workers[Symbol.asyncDispose]();
    };
    const document = task(await bigPdf(400), { name: 'a.pdf', onPage });
    await expect(workers.convert(document)).rejects.toEqual(code('cancelled'));
    await disposed;
    expect(workers.pids).toEqual([]);
    await expect(workers.convert(task(Buffer.from('x')))).rejects.toEqual(code('cancelled'));
  });
});
