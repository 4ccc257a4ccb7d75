import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim } from './support/victim.ts';

describe('H05: a request line that names another version of HTTP than its own', () => {
  it.each(['2.0', '1.0', '0.9'])('is read as what it is, with an end: HTTP/%s', async (version) => {
    await using server = await startVictim();
    await using connection = await RawConnection.open(server.port);
    const bytes = rawRequest(server.port, modernCall('echo', { text: 'hello' }));
    connection.write(bytes.toString('latin1').replace('HTTP/1.1', `HTTP/${version}`));
    expect((await connection.answer()).body).toContain('echo: hello');
    await connection.closed();
    await server.checkAlive();
  });

  it.each(['1.2', '3.0'])('is refused where there is no such version: HTTP/%s', async (version) => {
    await using server = await startVictim();
    await using connection = await RawConnection.open(server.port);
    const bytes = rawRequest(server.port, modernCall('tick'));
    connection.write(bytes.toString('latin1').replace('HTTP/1.1', `HTTP/${version}`));
    await connection.closed();
    await server.checkAlive();
    expect(await server.noted('tick')).toBe(0);
  });
});
