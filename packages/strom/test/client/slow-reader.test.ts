import { describe, expect, it } from 'vitest';
import { isJsonObject } from '../../src/base/json.ts';
import { connect } from '../../src/client/connect.ts';
import { streamUrl } from '../../src/client/plain-stream.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

const REPORTS = 2_000;
const REPORT_CHARS = 16 * 1024;
/** What the buffers on the way may hold, those of the kernel among them. */
const MAX_UNREAD_CHARS = 16 * 1024 * 1024;
const STILL_TURNS = 2_000;

interface Sent {
  reports: number;
}

/** A server whose tool waits for its reader with every report. */
async function start(): Promise<{ server: Started; sent: Sent }> {
  const sent = { reports: 0 };
  const server = await startStrom(
    (strom) =>
      strom.tool('report', { description: 'Reports again and again' }, async (_, ctx) => {
        for (let report = 1; report <= REPORTS; report += 1) {
          await ctx.progress(report, REPORTS, 'x'.repeat(REPORT_CHARS));
          sent.reports = report;
        }
        return 'reported';
      }),
    { run: { transport: 'sse' } },
  );
  return { server, sent };
}

/** Resolves when the tool has waited for many turns of the event loop. */
async function standstill(sent: Sent): Promise<void> {
  for (let turns = 0, last = -1; turns < STILL_TURNS; turns += 1) {
    if (sent.reports !== last) turns = 0;
    last = sent.reports;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The numbers of the reports, as a caller over MCP reads them. */
async function* overMcp(url: URL, era: 'stateless' | 'session' | 'sse'): AsyncGenerator<number> {
  await using client = await connect(url, { era });
  for await (const item of client.stream('report')) {
    if (item.kind === 'progress') yield item.progress;
  }
}

async function* overPlainStream(url: URL, accept: string): AsyncGenerator<number> {
  for await (const { kind, value } of streamUrl(url, { args: {}, accept })) {
    if (kind === 'progress' && isJsonObject(value)) yield Number(value['progress']);
  }
}

describe('a loop that takes its time', () => {
  it.each([
    ['stateless HTTP', (origin: string) => overMcp(new URL('/mcp', origin), 'stateless')],
    ['a session', (origin: string) => overMcp(new URL('/mcp', origin), 'session')],
    ['HTTP+SSE', (origin: string) => overMcp(new URL('/sse', origin), 'sse')],
    [
      'a plain stream of events',
      (origin: string) => overPlainStream(new URL('/stream/report', origin), 'text/event-stream'),
    ],
    [
      'a plain stream of JSON lines',
      (origin: string) =>
        overPlainStream(new URL('/stream/report', origin), 'application/x-ndjson'),
    ],
  ])(
    'slows the server down, and misses nothing that was awaited: %s',
    async (_, read) => {
      const { server, sent } = await start();
      await using _server = server;
      let last = 0;
      for await (const report of read(server.origin)) {
        expect(report).toBe(last + 1);
        last = report;
        if (last !== 10) continue;
        await standstill(sent);
        expect(sent.reports * REPORT_CHARS).toBeLessThan(MAX_UNREAD_CHARS);
      }
      expect(last).toBe(REPORTS);
    },
    60_000,
  );
});
