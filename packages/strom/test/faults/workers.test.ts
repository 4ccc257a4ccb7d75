/** What is done to a server of several workers harms none of its processes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { Team } from './support/team.ts';

const MEBIBYTE = 2 ** 20;

describe('P01, P04, H05, S03, S07, S12: workers and their primary', { timeout: 60_000 }, () => {
  let team: Team;

  beforeAll(async () => {
    team = await Team.start();
  }, 60_000);

  afterAll(() => team?.[Symbol.asyncDispose]());

  it('hold no more after clients of all kinds have come, gone and vanished', async () => {
    await team.serve(4);
    expect(await team.harm()).toEqual([]);
  });

  it('hold nothing of requests that are none', async () => {
    const headers = modernHeaders('tools/call', 'echo');
    const large = [...headers, ['Content-Length', `${5 * MEBIBYTE}`] as const];
    for (let round = 0; round < 10; round += 1) {
      for (const body of ['{', '[]', '', 'NaN']) {
        expect((await team.send({ headers, body })).status).toBe(400);
      }
      expect((await team.send({ headers: large })).status).toBe(413);
      await using connection = await RawConnection.open(team.port);
      connection.write('POST /mcp HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n');
      expect((await connection.answer()).status).toBe(400);
    }
    expect(await team.harm()).toEqual([]);
  });

  it('hold nothing of requests that break off anywhere', async () => {
    const request = rawRequest(team.port, modernCall('count', { to: 20 }, { progressToken: 'p' }));
    for (let at = 1; at < request.length; at += Math.ceil(request.length / 60)) {
      await using connection = await RawConnection.open(team.port);
      connection.write(request.subarray(0, at));
      connection.socket.resetAndDestroy();
    }
    expect(await team.harm()).toEqual([]);
  });

  it('are as they were when one after the other was killed and replaced', async () => {
    const first = await team.pids();
    for (const killed of first) {
      process.kill(killed, 'SIGKILL');
      const living = async () => (await team.pids()).filter((pid) => pid !== killed).length;
      await expect.poll(living, { timeout: 10_000 }).toBe(first.length);
      await team.serve(2);
    }
    expect(await team.harm()).toEqual([]);
  });
});
