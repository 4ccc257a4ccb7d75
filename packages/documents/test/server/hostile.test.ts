/** Documents that are made to harm whoever reads them, given to a server in a process of its own. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProbedProcess } from '../../../strom/test/faults/support/probed-process.ts';
import {
  type BaseLine,
  baseLineAfter,
  harmOf,
} from '../../../strom/test/faults/support/recovery.ts';
import { modernCall } from '../../../strom/test/harness/mcp-request.ts';
import {
  jsonOf,
  RawConnection,
  rawRequest,
  sendRaw,
} from '../../../strom/test/harness/raw-http.ts';
import { bigPdf } from '../support/big-pdf.ts';
import { docxBomb, pdfBomb } from '../support/bombs.ts';
import { HOSTILE_PDFS } from '../support/hostile-pdfs.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

const SERVER = '../../../documents/test/support/crash-server.mjs';

interface Converted {
  readonly status: string;
}

describe('D03, D04: the server that is given hostile documents', { timeout: 60_000 }, () => {
  let folder: TempFolder;
  let server: ProbedProcess;
  let port: number;
  let base: BaseLine;

  async function call(
    tool: string,
    args: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const answer = await sendRaw(port, rawRequest(port, modernCall(tool, args)));
    expect(answer.status).toBe(200);
    return jsonOf(answer)['result'] as Record<string, unknown>;
  }

  async function convert(...paths: string[]): Promise<readonly string[]> {
    const { structuredContent } = await call('process_files', { paths });
    const { documents } = structuredContent as { documents: readonly Converted[] };
    return documents.map(({ status }) => status);
  }

  async function plainCall(): Promise<void> {
    expect(await call('scan', { folder: 'empty' })).not.toHaveProperty('isError', true);
  }

  beforeAll(async () => {
    folder = await tempFolder();
    await folder.write('docs/good.pdf', await bigPdf(1));
    await mkdir(join(folder.path, 'docs/empty'));
    const setting = {
      roots: [join(folder.path, 'docs')],
      output: join(folder.path, 'output'),
      store: join(folder.path, 'store.db'),
      ledger: join(folder.path, 'ledger.db'),
      limits: { timeoutMs: 3000 },
    };
    server = new ProbedProcess(SERVER, [JSON.stringify(setting)]);
    port = Number(new URL((await server.line()) ?? '').port);
    base = await baseLineAfter(server, async () => {
      for (let count = 0; count < 20; count += 1) await plainCall();
      // Both conversion processes have started then.
      await Promise.all(Array.from({ length: 3 }, () => convert('good.pdf')));
    });
  }, 30_000);

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const documents: Readonly<Record<string, () => Buffer>> = {
    'bomb.docx': docxBomb,
    'bomb.pdf': () => pdfBomb(64),
    ...Object.fromEntries(Object.entries(HOSTILE_PDFS).map(([name, pdf]) => [name, () => pdf])),
  };

  it.each(Object.keys(documents))('takes no harm from %s, and converts others', async (name) => {
    await folder.write(`docs/${name}`, documents[name]?.() ?? '');
    expect(await convert(name, 'good.pdf')).toEqual(['failed', 'converted']);
    expect(await harmOf(base, plainCall)).toEqual([]);
  });

  it('takes no harm from callers that are gone in the middle', async () => {
    const [name = ''] = Object.keys(documents);
    const leave = async (): Promise<void> => {
      await using connection = await RawConnection.open(port);
      const paths = [name, 'good.pdf', ...Object.keys(HOSTILE_PDFS)];
      const request = modernCall('process_files', { paths }, { progressToken: 'p' });
      connection.write(rawRequest(port, request));
      await connection.until((text) => text.includes('notifications/progress'));
      connection.destroy();
    };
    await Promise.all(Array.from({ length: 4 }, leave));
    expect(await harmOf(base, plainCall)).toEqual([]);
  });
});
