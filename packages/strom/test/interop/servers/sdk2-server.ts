import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { FIXTURE_PLAN } from './fixture-plan.ts';
import { createSdk2Fixture } from './sdk2-fixture.ts';
import { program, type RunningServer } from './server.ts';

const SESSION_HEADER = 'mcp-session-id';
const MODERN_VERSION = '2026-07-28';

type Sessions = Map<string, NodeStreamableHTTPServerTransport>;

async function openSession(sessions: Sessions): Promise<NodeStreamableHTTPServerTransport> {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await createSdk2Fixture().connect(transport);
  return transport;
}

/** The two halves of the library behind one URL: sessions, and requests that speak for themselves. */
function createHandler(): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const sessions: Sessions = new Map();
  const modern = createMcpHandler(
    () => createSdk2Fixture((uri) => modern.notify.resourceUpdated(uri)),
    { legacy: 'reject' },
  );
  const handleModern = toNodeHandler(modern);
  return async (req, res) => {
    if (req.headers['mcp-protocol-version'] === MODERN_VERSION) {
      // The SDK's own types disagree under exactOptionalPropertyTypes.
      await handleModern(req as never, res);
      return;
    }
    const known = sessions.get(String(req.headers[SESSION_HEADER]));
    const transport = known ?? (await openSession(sessions));
    await transport.handleRequest(req, res);
  };
}

/** The official 2.x server, which has no HTTP+SSE. */
export async function startSdk2(): Promise<RunningServer> {
  const handle = createHandler();
  const server = createServer((req, res) => void handle(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stdio = await program('sdk2-stdio.ts');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return {
    plan: FIXTURE_PLAN,
    target(transport) {
      if (transport === 'stdio') return stdio;
      return transport === 'http+sse' ? undefined : { transport, url };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
