/**
 * Ways of knowing a caller: the settings of a server, and the headers that prove who calls it.
 *
 * @module
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { apiKeys, createApiKey, oauth } from 'strom/auth';

const AUDIENCE = 'https://mcp.example.test/mcp';
const KID = 'bench';
const PAGE = 'https://app.example.com';
const HOUR_SECONDS = 3600;

/** By API key. */
export function byKey() {
  const { key, record } = createApiKey({ name: 'bench' });
  return {
    options: { auth: [apiKeys({ keys: [record] })] },
    headers: { authorization: `Bearer ${key}` },
  };
}

/** By API key, for pages of one allowed origin. */
export function byKeyAndOrigin() {
  const { options, headers } = byKey();
  return {
    options: { ...options, allowedOrigins: [PAGE] },
    headers: { ...headers, origin: PAGE },
  };
}

/** By an access token, of an issuer in this process that does nothing but show its key. */
export async function byToken() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KID, alg: 'RS256', use: 'sig' };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const exp = Math.floor(Date.now() / 1000) + HOUR_SECONDS;
  const claims = { iss: issuer, aud: AUDIENCE, sub: 'bench', scope: 'files:read', exp };
  return {
    options: { auth: [oauth({ issuer, jwksUri: `${issuer}/jwks`, audience: AUDIENCE })] },
    headers: { authorization: `Bearer ${signed(claims, privateKey)}` },
  };
}

function signed(claims, privateKey) {
  const content = [{ alg: 'RS256', kid: KID, typ: 'at+jwt' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
}
