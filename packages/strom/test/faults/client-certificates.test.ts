import { once } from 'node:events';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { makeCertificate } from '../harness/certificate.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim } from './support/victim.ts';

const ann = createApiKey({ name: 'ann' });
ownDataHome();

/** What proxies in front of other servers say of the certificate of a client. */
const IDENTITY = [
  ['X-SSL-Client-Verify', 'SUCCESS'],
  ['X-SSL-Client-S-DN', 'CN=ann'],
  ['X-Forwarded-Client-Cert', 'Subject="CN=ann"'],
  ['X-Forwarded-User', 'ann'],
  ['X-Remote-User', 'ann'],
] as const;

describe('N03: client certificates', () => {
  it('give no rights, nor do headers that tell of them', async () => {
    const start = { run: { tls: 'dev' }, keys: [ann.record], key: ann.key } as const;
    await using server = await startVictim(start);
    const socket = connect({
      port: server.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...(await makeCertificate('ann')),
    });
    await once(socket, 'secureConnect');
    await using connection = RawConnection.over(socket);
    const { headers = [], body = '' } = modernCall('tick');
    const ask = async (more: readonly (readonly [string, string])[]) => {
      connection.write(rawRequest(server.port, { headers: [...headers, ...more], body }));
      return (await connection.answer()).status;
    };
    expect(await ask([])).toBe(401);
    for (const line of IDENTITY) expect(await ask([line])).toBe(401);
    expect(await server.noted('tick')).toBe(0);
    expect(await ask([['X-API-Key', ann.key]])).toBe(200);
  });
});
