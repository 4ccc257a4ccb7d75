/**
 * The documents server: the engine behind MCP tools and resources.
 *
 * @module
 */
import { type ServerOptions, Strom } from 'strom';
import { createEngine, type Engine, type EngineOptions } from './engine.ts';
import { addConvertTools } from './server/convert-tools.ts';
import { addDocumentResources } from './server/document-resources.ts';
import { addScanTool } from './server/scan-tool.ts';

type PassedOn = 'logger' | 'callTimeoutMs' | 'store' | 'taskLeaseMs';

/**
 * Options of the engine, and some of the server's own. With a `store` that is durable, a folder whose
 * process was killed is gone on with by the next one.
 */
export interface DocumentsServerOptions extends EngineOptions, Pick<ServerOptions, PassedOn> {}

export interface DocumentsServer extends AsyncDisposable {
  /** Open it with `run()`, `listener()` or `fetch()`. */
  readonly strom: Strom;
  readonly engine: Engine;
}

const INSTRUCTIONS = `Converts documents (PDF, Word, Excel, PowerPoint, HTML, CSV, EPUB, text) to Markdown.
Call scan to see what is there, then process_files or convert_folder. Results are links: read the
resource of a document to get its Markdown. A document that fails is part of the result, with a reason.`;

/**
 * Creates the server; dispose it to end its conversion processes.
 *
 * @throws {TypeError} if a root is no folder or a limit is no limit
 * @example
 * ```ts
 * const server = await createDocumentsServer({ roots: ['/srv/papers'], output: '/srv/markdown' });
 * await server.strom.run({ transport: 'streamable-http', port: 3000 });
 * ```
 */
export async function createDocumentsServer(
  options: DocumentsServerOptions,
): Promise<DocumentsServer> {
  const { logger, callTimeoutMs, store, taskLeaseMs } = options;
  const engine = await createEngine(options);
  const strom = new Strom({
    name: 'strom-documents',
    version: '0.1.0',
    title: 'Strom documents',
    instructions: INSTRUCTIONS,
    // Every conversion adds to the list of resources; a cached one would hide it.
    listCache: { ttlMs: 0, scope: 'private' },
    ...(logger && { logger }),
    ...(callTimeoutMs !== undefined && { callTimeoutMs }),
    ...(store && { store }),
    ...(taskLeaseMs !== undefined && { taskLeaseMs }),
  });
  addScanTool(strom, engine);
  addConvertTools(strom, engine);
  addDocumentResources(strom, engine);
  return {
    strom,
    engine,
    async [Symbol.asyncDispose]() {
      strom.shutDown();
      await strom.settled();
      await engine[Symbol.asyncDispose]();
    },
  };
}
