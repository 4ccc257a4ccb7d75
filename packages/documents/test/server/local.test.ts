import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgressUpdate, RpcMessage } from 'strom/client';
import { connect } from 'strom/client';
import { describe, expect, it, vi } from 'vitest';
import { createDocumentsServer } from '../../src/server.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('the documents server in the same process', () => {
  it('has sent the line of a document before it looks for the next', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await using server = await createDocumentsServer({ roots: [docs.path], output: output.path });
    await using client = await connect(server.strom);
    await docs.write('1.txt', 'one');
    const lines: unknown[] = [];
    const onMessage = (message: RpcMessage): void => {
      if (message.kind !== 'notification' || message.method !== 'notifications/progress') return;
      lines.push(message.params['message']);
      // The next document comes into being here: looked for any earlier, it would be missing.
      writeFileSync(join(docs.path, `${Number(message.params['progress']) + 1}.txt`), 'late');
    };
    const paths = ['1.txt', '2.txt', '3.txt'];
    const result = await client.call('process_files', { paths }, { onMessage });
    expect(result.structuredContent).toMatchObject({ total: 3, converted: 3, failed: 0 });
    expect(lines).toEqual([
      'Processing document 1/3: 1.txt',
      'Processing document 2/3: 2.txt',
      'Processing document 3/3: 3.txt',
    ]);
  });

  it('tells every step of a call as an event, the result last', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await using server = await createDocumentsServer({ roots: [docs.path], output: output.path });
    await using client = await connect(server.strom);
    await docs.write('good.txt', 'words');
    const paths = ['good.txt', 'missing.txt'];
    const events: string[] = [];
    for await (const event of client.stream('process_files', { paths })) {
      if (event.kind === 'progress') events.push(`${event.progress}/${event.total}`);
      else if (event.kind === 'log') events.push(`${event.level}: ${String(event.data)}`);
      else events.push(event.kind);
    }
    expect(events).toEqual([
      '1/2',
      'info: Processing document 1/2: good.txt',
      '2/2',
      'warning: Document 2/2 failed: missing.txt (not_found)',
      'info: Processing complete!',
      'result',
    ]);
  });

  it('skips what is unchanged when a folder is converted again, and says so', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await using server = await createDocumentsServer({ roots: [docs.path], output: output.path });
    await using client = await connect(server.strom);
    await docs.write('a.txt', 'same');
    await docs.write('b.txt', 'first');
    await client.call('convert_folder');
    await docs.write('b.txt', 'later');
    const told: unknown[] = [];
    const onProgress = ({ message }: ProgressUpdate): unknown => told.push(message);
    const { content, structuredContent } = await client.call('convert_folder', {}, { onProgress });
    expect(told).toEqual([
      'Processing document 1/2: a.txt (unchanged)',
      'Processing document 2/2: b.txt',
    ]);
    expect(structuredContent).toMatchObject({ converted: 1, skipped: 1 });
    expect((content[0] as { text: string }).text).toContain('; 1 skipped as unchanged');
    const all = await client.call('convert_folder', { onlyChanged: false });
    expect(all.structuredContent).toMatchObject({ converted: 2, skipped: 0 });
  });

  it('tells subscribers of the job list about every document', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await using server = await createDocumentsServer({ roots: [docs.path], output: output.path });
    await using client = await connect(server.strom);
    await docs.write('1.txt', 'one');
    await docs.write('2.txt', 'two');
    let heard = 0;
    const filter = { resources: ['doc://jobs'] };
    await using subscription = await client.subscribe(filter, () => {
      heard += 1;
    });
    expect(subscription.granted.resources).toEqual(['doc://jobs']);
    await client.call('process_files', { paths: ['1.txt', '2.txt'] });
    await vi.waitFor(() => expect(heard).toBe(2));
    const listed = (await client.listResources()).map(({ name }) => name);
    expect(listed).toEqual(['jobs', '1.txt', '2.txt']);
    await client.call('process_files', { paths: ['1.txt'] });
    expect(await client.listResources()).toHaveLength(4);
  });

  it('lists a finished document while its job still runs', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await using server = await createDocumentsServer({ roots: [docs.path], output: output.path });
    await using client = await connect(server.strom);
    await docs.write('1.txt', 'one');
    await docs.write('2.txt', 'two');
    const seen: number[] = [];
    for await (const event of client.stream('process_files', { paths: ['1.txt', '2.txt'] })) {
      if (event.kind !== 'progress') continue;
      const { contents } = await client.readResource('doc://jobs');
      const { jobs } = JSON.parse((contents[0] as { text: string }).text);
      seen.push(jobs[0].documents.length);
      expect(JSON.stringify(jobs)).not.toContain('owner');
    }
    expect(seen[0]).toBeGreaterThanOrEqual(1);
  });
});
