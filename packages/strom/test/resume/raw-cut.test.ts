import { describe, expect, it } from 'vitest';
import { BODY_HEADERS, initializeBody, sessionBody } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest, sendRaw } from '../harness/raw-http.ts';
import { crash, DurableServer } from './durable-process.ts';

const CALL = sessionBody(
  'tools/call',
  { name: 'steps', arguments: { count: 300, ends: false }, _meta: { progressToken: 1 } },
  'raw',
);

/** The events whose blank line has come, without the chunk sizes between them. */
function eventsIn(received: string): { id: string; data: string }[] {
  const body = received.replace(/\r\n[0-9a-f]+\r\n/g, '');
  return [...body.matchAll(/id: (\S+)\ndata: (.*)\n\n/g)].map(([, id = '', data = '']) => ({
    id,
    data,
  }));
}

const progressOf = (events: readonly { data: string }[]): number[] =>
  events
    .filter(({ data }) => data.includes('"progress"'))
    .map(({ data }) => JSON.parse(data).params.progress);

describe('bytes of a stream whose process is killed', () => {
  it.each([900, 5_000, 20_000])(
    'go on after the last whole event of %d bytes',
    async (bytes) => {
      await using files = await DurableServer.make();
      const first = await files.start();
      const port = Number(first.port);
      const initialize = { headers: BODY_HEADERS, body: initializeBody('2025-11-25') };
      const opened = await sendRaw(port, rawRequest(port, initialize));
      const session = ['Mcp-Session-Id', opened.headers.get('mcp-session-id') ?? ''] as const;
      const connection = await RawConnection.open(port);
      connection.write(rawRequest(port, { headers: [...BODY_HEADERS, session], body: CALL }));
      await connection.until((received) => received.length >= bytes);
      const seen = eventsIn(connection.pending.slice(0, bytes));
      await crash(first);
      connection.destroy();
      await files.start(first.port);

      await using again = await RawConnection.open(port);
      const resumeAt = ['Last-Event-ID', seen.at(-1)?.id ?? ''] as const;
      const accept = ['Accept', 'text/event-stream'] as const;
      const headers = [accept, session, resumeAt];
      again.write(rawRequest(port, { method: 'GET', headers }));
      await again.until((received) => received.endsWith('\r\n0\r\n\r\n'));
      const rest = eventsIn(again.pending);
      const progress = [...progressOf(seen), ...progressOf(rest)];
      expect(progress.length).toBeGreaterThan(0);
      expect(progress).toEqual(Array.from(progress, (_, index) => index + 1));
      expect(rest.at(-1)?.data).toContain('ERR_INTERRUPTED');
      const ids = [...seen, ...rest].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    },
    60_000,
  );
});
