import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ProgressNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { createDocumentsServer } from '../../src/server.ts';
import { SAMPLES } from '../support/samples.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('the documents server over Streamable HTTP', () => {
  it('reports every document while the call runs', async () => {
    await using output = await tempFolder();
    await using server = await createDocumentsServer({ roots: [SAMPLES], output: output.path });
    const running = await server.strom.run({
      transport: 'streamable-http',
      port: 0,
      handleSignals: false,
    });
    const client = new Client({ name: 'documents-test', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(running.url ?? ''));
    await client.connect(transport as Transport);
    const whole: number[] = [];
    const deliver = transport.onmessage;
    transport.onmessage = (message) => {
      const heard = ProgressNotificationSchema.safeParse(message);
      if (heard.success) whole.push(heard.data.params.progress);
      deliver?.(message);
    };
    const { structuredContent } = await client.callTool(
      { name: 'convert_folder', arguments: { folder: 'measurements', output: 'march' } },
      undefined,
      { onprogress: () => undefined },
    );
    await client.close();
    await running.close();
    expect(whole).toEqual([1, 2, 3]);
    expect(structuredContent).toMatchObject({
      converted: 3,
      documents: [
        { output: 'march/measurements/bridge-soundings.csv.md' },
        { output: 'march/measurements/pegelstaende-latin1.csv.md' },
        { output: 'march/measurements/water-quality.tsv.md' },
      ],
    });
  });
});
