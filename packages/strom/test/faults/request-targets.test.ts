import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { startVictim } from './support/victim.ts';

describe('H07: paths in both forms of a request target', () => {
  const call = modernCall('tick');

  it.each(['/x/../mcp', '/./mcp', '/%6dcp', '//mcp', '/mcp/', '/mcp;x', '/mcp#x', '/x\\..\\mcp'])(
    'are taken as they are sent: %s',
    async (path) => {
      await using server = await startVictim();
      for (const target of [path, `http://127.0.0.1:${server.port}${path}`]) {
        expect([400, 404]).toContain((await server.send({ ...call, target })).status);
      }
      expect(await server.noted('tick')).toBe(0);
    },
  );

  it('lead to the same where they are the same', async () => {
    await using server = await startVictim();
    for (const target of ['/mcp?a=b', `HTTP://127.0.0.1:${server.port}/mcp?a=b`]) {
      expect((await server.send({ ...call, target })).status).toBe(200);
    }
    expect((await server.send({ ...call, target: `http://127.0.0.1:${server.port}` })).status).toBe(
      404,
    );
  });
});
