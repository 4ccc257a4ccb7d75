import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Strom } from 'strom';
import { describe, expect, it } from 'vitest';
import { createDocumentsServer } from '../../src/server.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Progress {
  readonly progress?: number;
  readonly message?: string;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Progress;
  readonly result?: { structuredContent?: unknown };
}

describe('the documents server in the same process', () => {
  it('has sent the line of a document before it looks for the next', async () => {
    await using docs = await tempFolder();
    await using output = await tempFolder();
    await using server = await createDocumentsServer({ roots: [docs.path], output: output.path });
    const lines: unknown[] = [];
    await docs.write('1.txt', 'one');
    const result = await callLocally(server.strom, ({ message, progress = 0 }) => {
      lines.push(message);
      // The next document comes into being here: looked for any earlier, it would be missing.
      writeFileSync(join(docs.path, `${progress + 1}.txt`), 'late');
    });
    expect(result?.structuredContent).toMatchObject({ total: 3, converted: 3, failed: 0 });
    expect(lines).toEqual([
      'Processing document 1/3: 1.txt',
      'Processing document 2/3: 2.txt',
      'Processing document 3/3: 3.txt',
    ]);
  });
});

const INITIALIZE = {
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  },
};
const CALL = {
  id: 1,
  method: 'tools/call',
  params: {
    name: 'process_files',
    arguments: { paths: ['1.txt', '2.txt', '3.txt'] },
    _meta: { progressToken: 'p' },
  },
};

/** Speaks the protocol line by line and calls back inside the delivery of each progress line. */
function callLocally(
  strom: Strom,
  onProgress: (params: Progress) => void,
): Promise<Message['result']> {
  return new Promise((resolve) => {
    const connection = strom.connectLocal((text) => {
      const { id, method, params = {}, result } = JSON.parse(text) as Message;
      if (method === 'notifications/progress') onProgress(params);
      if (id === 0) {
        connection.send(rpc({ method: 'notifications/initialized' }));
        connection.send(rpc(CALL));
      }
      if (id === 1) resolve(result);
    });
    connection.send(rpc(INITIALIZE));
  });
}

function rpc(message: object): string {
  return JSON.stringify({ jsonrpc: '2.0', ...message });
}
