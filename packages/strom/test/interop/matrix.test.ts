import { afterAll, beforeAll, describe, it } from 'vitest';
import { meetAs, obstacle, PAIRINGS } from './matrix.ts';
import { type Meeting, OPERATIONS, type OperationName } from './operations.ts';
import type { RunningServer } from './servers/server.ts';
import { SERVERS, type ServerName } from './servers/servers.ts';

const running = new Map<ServerName, RunningServer>();

beforeAll(async () => {
  for (const [name, start] of Object.entries(SERVERS)) {
    running.set(name as ServerName, await start());
  }
});

afterAll(async () => {
  for (const server of running.values()) await server[Symbol.asyncDispose]();
});

describe.each(PAIRINGS)('$client with $server over $transport', (pairing) => {
  let meeting: Meeting | undefined;

  beforeAll(async () => {
    const server = running.get(pairing.server);
    meeting = server && (await meetAs(pairing, server));
  });

  afterAll(() => meeting?.[Symbol.asyncDispose]());

  for (const [name, operate] of Object.entries(OPERATIONS)) {
    const reason = obstacle(pairing, name as OperationName);
    const title = reason === undefined ? `can ${name}` : `cannot ${name}: ${reason}`;
    it.skipIf(reason !== undefined)(title, async () => {
      if (meeting === undefined) throw new Error('the server lacks this transport');
      await operate(meeting);
    });
  }
});
