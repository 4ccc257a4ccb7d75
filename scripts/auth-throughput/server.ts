/**
 * One server to be measured, in a process of its own: `open`, `key` or `token`. Says its port and what
 * a caller must send, and on request how much CPU it has used.
 *
 * @module
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunOptions, Strom } from 'strom';
import { apiKeys, createApiKey, oauth } from 'strom/auth';

const AUDIENCE = 'https://mcp.example.test/mcp';
const KID = 'measured';

interface Guard {
  readonly run: RunOptions;
  readonly header: string;
}

function withKey(): Guard {
  const { key, record } = createApiKey({ name: 'measured' });
  return { run: { auth: [apiKeys({ keys: [record] })] }, header: `X-API-Key: ${key}\r\n` };
}

/** An issuer that signs one token and then only serves its key. */
async function withToken(): Promise<Guard> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KID, alg: 'RS256', use: 'sig' };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const claims = { iss: issuer, aud: AUDIENCE, sub: 'measured', scope: 'files:read', exp };
  const parts = [{ alg: 'RS256', kid: KID, typ: 'at+jwt' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signature = sign('sha256', Buffer.from(parts.join('.')), privateKey).toString('base64url');
  const token = [...parts, signature].join('.');
  return {
    run: { auth: [oauth({ issuer, jwksUri: `${issuer}/jwks`, audience: AUDIENCE })] },
    header: `Authorization: Bearer ${token}\r\n`,
  };
}

const GUARDS: Readonly<Record<string, () => Guard | Promise<Guard>>> = {
  open: () => ({ run: {}, header: '' }),
  key: withKey,
  token: withToken,
};

const guard = await GUARDS[process.argv[2] ?? '']?.();
if (guard === undefined) throw new TypeError('open, key or token');
const strom = new Strom({ name: 'measured', version: '1.0.0' });
const input = { type: 'object', properties: { text: { type: 'string' } } } as const;
strom.tool('echo', { description: 'Echoes', input }, ({ text }) => `echo: ${text}`);
const running = await strom.run({ port: 0, ...guard.run });
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.send?.({ port: Number(new URL(running.url ?? '').port), header: guard.header });
