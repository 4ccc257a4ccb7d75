/** Every client with every server over every transport, and what they cannot do with each other. */
import { CLIENTS, type ClientName } from './drivers/clients.ts';
import type { TransportName } from './drivers/driver.ts';
import { type Meeting, meet, type OperationName } from './operations.ts';
import type { RunningServer } from './servers/server.ts';
import { SERVERS, type ServerName } from './servers/servers.ts';

export const TRANSPORTS: readonly TransportName[] = ['stdio', 'streamable-http', 'http+sse'];

/** One row of the matrix. */
export interface Pairing {
  readonly client: ClientName;
  readonly server: ServerName;
  readonly transport: TransportName;
}

/** All pairings, those of one server and one transport next to each other. */
export const PAIRINGS: readonly Pairing[] = keysOf(SERVERS).flatMap((server) =>
  TRANSPORTS.flatMap((transport) =>
    keysOf(CLIENTS).map((client) => ({ client, server, transport })),
  ),
);

function keysOf<Key extends string>(object: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(object) as Key[];
}

/** Why an operation cannot work in a pairing, for a reason that lies with the other side. */
export function obstacle(pairing: Pairing, _operation: OperationName): string | undefined {
  const { server, transport } = pairing;
  if (server === 'official 2.x server' && transport === 'http+sse') {
    return 'the official 2.x server has no HTTP+SSE';
  }
  return undefined;
}

/** Connects the client of a pairing; `undefined` where the server lacks the transport. */
export async function meetAs(
  pairing: Pairing,
  server: RunningServer,
): Promise<Meeting | undefined> {
  const target = server.target(pairing.transport);
  if (target === undefined) return undefined;
  return meet((listeners) => CLIENTS[pairing.client](target, listeners), server.plan);
}
