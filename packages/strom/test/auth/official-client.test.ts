import {
  Client,
  ClientCredentialsProvider,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { ClientCredentialsProvider as OlderProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { createApiKey } from '../../src/entry/auth.ts';
import { AuthorizationServer, CLIENT } from './support/authorization-server.ts';
import { freePort } from './support/free-port.ts';
import { startGuarded } from './support/guarded-server.ts';

async function start() {
  const port = await freePort();
  const audience = `http://127.0.0.1:${port}/mcp`;
  const as = await AuthorizationServer.start({ resource: audience, format: 'jwt' });
  const made = createApiKey({ name: 'beside' });
  const server = await startGuarded(
    [apiKeys({ keys: [made.record] }), oauth({ issuer: as.issuer })],
    { run: { port, publicUrl: `http://127.0.0.1:${port}` } },
  );
  return {
    as,
    server,
    key: made.key,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await as[Symbol.asyncDispose]();
    },
  };
}

async function connect(
  url: string,
  options: ConstructorParameters<typeof StreamableHTTPClientTransport>[1],
) {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options));
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

describe('the official client of the session revisions', () => {
  it('goes on in its session with the scopes of a newer token', async () => {
    await using at = await start();
    const provider = new OlderProvider({
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      expectedIssuer: at.as.issuer,
    });
    const client = new OlderClient({ name: 'test', version: '1' });
    const transport = new OlderTransport(new URL(at.server.url), { authProvider: provider });
    await client.connect(transport as never);
    // This client asks for the scopes it was set up with, whatever the challenge says.
    Object.assign(provider.clientMetadata, { scope: 'files:read files:write' });
    const session = transport.sessionId;
    const write = await client.callTool({ name: 'write', arguments: {} });
    expect(write.content).toEqual([{ type: 'text', text: 'written' }]);
    expect(transport.sessionId).toBe(session);
    await client.close();
  });
});

describe('the official client', () => {
  it('finds the issuer, signs in, and gets more scopes when a tool needs them', async () => {
    await using at = await start();
    const authProvider = new ClientCredentialsProvider({
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      expectedIssuer: at.as.issuer,
    });
    await using client = await connect(at.server.url, { authProvider });
    const names = async () => (await client.listTools()).tools.map(({ name }) => name).sort();
    expect(await names()).toEqual(['echo', 'wait', 'whoami']);
    const read = await client.callTool({ name: 'read', arguments: {} });
    expect(read.content).toEqual([{ type: 'text', text: 'read' }]);
    const write = await client.callTool({ name: 'write', arguments: {} });
    expect(write.content).toEqual([{ type: 'text', text: 'written' }]);
    expect(await names()).toEqual(['echo', 'read', 'wait', 'whoami', 'write']);
  });

  it('may bring an API key instead', async () => {
    await using at = await start();
    const requestInit = { headers: { 'x-api-key': at.key } };
    await using client = await connect(at.server.url, { requestInit });
    const answer = await client.callTool({ name: 'whoami', arguments: {} });
    expect(JSON.stringify(answer.content)).toContain('api-key');
  });
});
