import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OTHER } from '../../src/base/name-census.ts';
import { ANONYMOUS } from '../../src/base/principal.ts';
import { publicError } from '../../src/base/strom-error.ts';
import { connect } from '../../src/entry/client.ts';
import { Strom } from '../../src/entry/index.ts';
import { BoundedLabels } from '../../src/observe/bounded-labels.ts';
import type { Metric } from '../../src/observe/metrics-snapshot.ts';
import type { Authenticator } from '../../src/security/authenticator.ts';
import { observerOf } from '../../src/serve/observer-of.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { HttpHost } from '../../src/transports/http/http-host.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import { TestClock } from '../harness/test-clock.ts';

const WITH_METRICS = { run: { metrics: true, legacySse: true } } as const;

/** The samples of a scrape: `name{labels}` with their values. */
async function scrape({ origin }: Started): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${origin}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const samples = (await answer.text()).split('\n').filter((line) => /^\w/.test(line));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** The sum of all samples that have the name and each of the parts. */
function sum(samples: ReadonlyMap<string, number>, ...parts: readonly string[]): number {
  let total = 0;
  for (const [key, value] of samples) if (parts.every((part) => key.includes(part))) total += value;
  return total;
}

/** Holds up the event loop, then lets its timers run: those are looked at between two turns. */
async function block(ms: number): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < ms);
  await nextTurn();
  await nextTurn();
}

/** How late a host says the event loop was at worst, after it was held up for 300 ms. */
async function lagAfterBlocking(host: HttpHost): Promise<number> {
  // The first look after a report is what the next one is measured from.
  await block(20);
  await block(300);
  const snapshot = (await host.metricsSnapshot()) as readonly Metric[];
  const worst = snapshot.find(({ name }) => name === 'nodejs_eventloop_lag_max_seconds');
  return worst?.values[0]?.value ?? 0;
}

/** Each try blocks the loop for a while. */
const PATIENT = { timeout: 15_000 };

describe('/metrics', () => {
  it('is not there unless asked for', async () => {
    await using started = await startStrom();
    expect((await fetch(`${started.origin}/metrics`)).status).toBe(404);
  });

  it('counts calls and how long they took, by the names of the conventions', async () => {
    await using started = await startStrom(undefined, WITH_METRICS);
    await started.checkAlive();
    await started.checkAlive();
    await started.send(modernCall('nobody knows this'));
    const samples = await scrape(started);
    const name = 'mcp_server_operation_duration_seconds';
    expect(sum(samples, `${name}_count`, 'gen_ai_tool_name="echo"')).toBe(2);
    expect(sum(samples, `${name}_bucket`, 'le="+Inf"', 'mcp_method_name="tools/call"')).toBe(3);
    expect(sum(samples, `${name}_count`, 'error_type="ERR_UNKNOWN_TOOL"', OTHER)).toBe(1);
    expect(sum(samples, 'strom_errors_total', 'ERR_UNKNOWN_TOOL')).toBe(1);
    expect(sum(samples, 'strom_active_calls')).toBe(0);
  });

  it('says what runs here, and of no certificate where there is none', async () => {
    await using started = await startStrom(undefined, WITH_METRICS);
    const page = await (await fetch(`${started.origin}/metrics`)).text();
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    const [line] = page.match(/^strom_build_info.*$/m) ?? [];
    expect(line).toBe(
      `strom_build_info{version="${version}",service_name="tested",service_version="0.0.1",` +
        `process_runtime_version="${process.versions.node}"} 1`,
    );
    expect(page).not.toMatch(/^strom_tls_certificate/m);
  });

  it('counts refusals by their reason', async () => {
    await using started = await startStrom(undefined, WITH_METRICS);
    await started.send({ target: '/none' });
    expect(sum(await scrape(started), 'strom_errors_total', 'ERR_PATH_NOT_FOUND')).toBe(1);
  });

  it('shows who calls over which transport and in which revision', async () => {
    await using started = await startStrom(undefined, WITH_METRICS);
    const clientInfo = { name: 'elderly "one"', version: '1' };
    const old = await connect(`${started.origin}/sse`, { era: 'sse', clientInfo });
    await old.call('echo', { text: 'x' });
    await started.checkAlive();
    const samples = await scrape(started);
    const elderly = 'client_name="elderly \\"one\\""';
    expect(sum(samples, 'strom_http_sse_connections_total', elderly)).toBe(1);
    const requests = 'strom_client_requests_total';
    expect(sum(samples, requests, 'transport="http-sse"', elderly)).toBeGreaterThan(1);
    expect(sum(samples, requests, 'mcp_protocol_version="2026-07-28"', '"test"')).toBe(1);
    expect(sum(samples, 'strom_open_streams')).toBeGreaterThan(0);
    await old.close();
  });

  it('loses no request of a client whose name has left its place to another', async () => {
    const clock = new TestClock();
    const server = { server: { clock }, run: { metrics: true } };
    await using started = await startStrom(undefined, server);
    const callAs = (name: string) =>
      started.send(
        modernCall(
          'echo',
          { text: 'x' },
          { 'io.modelcontextprotocol/clientInfo': { name, version: '1' } },
        ),
      );
    for (let count = 0; count < 200; count += 1) await callAs(`made up ${count}`);
    await callAs('late');
    const requests = 'strom_client_requests_total';
    const before = await scrape(started);
    expect(sum(before, requests, '"late"')).toBe(0);
    expect(sum(before, requests, `"${OTHER}"`)).toBe(1);
    clock.advance(60 * 60_000);
    await callAs('late');
    const after = await scrape(started);
    expect(sum(after, requests, '"late"')).toBe(1);
    expect(sum(after, requests, `"${OTHER}"`)).toBe(2);
    expect(sum(after, requests)).toBe(202);
  });

  it('counts what a reader that reads nothing was spared', async () => {
    let said = 0;
    let isEnough = false;
    await using started = await startStrom((strom) => {
      strom.tool('flood', { description: 'Says a lot' }, async (_, ctx) => {
        while (!isEnough) {
          for (let line = 0; line < 1000; line += 1) {
            void ctx.progress(said, undefined, 'x'.repeat(400));
            void ctx.info('y'.repeat(400));
            said += 2;
          }
          await nextTurn();
        }
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
      });
    }, WITH_METRICS);
    await using reader = await RawConnection.open(started.port);
    const meta = { progressToken: 1, 'io.modelcontextprotocol/logLevel': 'info' };
    reader.socket.pause();
    reader.write(rawRequest(started.port, modernCall('flood', {}, meta)));
    let samples = await scrape(started);
    // The kernel takes some megabytes before the server has anything to keep.
    while (sum(samples, 'outcome="coalesced"') === 0) samples = await scrape(started);
    isEnough = true;
    await nextTurn();
    samples = await scrape(started);
    const outcomes = ['sent', 'coalesced', 'dropped'].map((outcome) =>
      sum(samples, 'strom_notifications_total', `outcome="${outcome}"`),
    );
    expect(outcomes.reduce((all, each) => all + each, 0)).toBe(said);
    for (const outcome of outcomes) expect(outcome).toBeGreaterThan(0);
    expect(sum(samples, 'strom_queued_bytes')).toBeGreaterThan(1000);
    reader.destroy();
    while (sum(samples, 'strom_queued_bytes') > 0) samples = await scrape(started);
    expect(sum(samples, 'strom_active_calls')).toBe(0);
  });

  it('shows how late the event loop was since the last scrape, and what the process uses', async () => {
    await using started = await startStrom(undefined, WITH_METRICS);
    let late = await scrape(started);
    // What blocks within 10 ms of a scrape is not seen: the watch has to have begun anew.
    await expect
      .poll(async () => {
        const start = performance.now();
        while (performance.now() - start < 300);
        late = await scrape(started);
        return sum(late, 'nodejs_eventloop_lag_max_seconds');
      }, PATIENT)
      .toBeGreaterThan(0.2);
    expect(sum(late, 'nodejs_eventloop_lag_max_seconds')).toBeLessThan(60);
    expect(sum(late, 'nodejs_eventloop_lag_p50_seconds')).toBeGreaterThanOrEqual(0);
    expect(sum(late, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    const [used, total] = ['used', 'total'].map((what) => sum(late, `nodejs_heap_size_${what}`));
    expect(used).toBeLessThanOrEqual(total ?? 0);
    expect(sum(late, 'process_cpu_seconds_total')).toBeGreaterThan(0.2);
    expect(sum(late, 'process_start_time_seconds') * 1000).toBeLessThan(Date.now());
  });

  it('watches the event loop no longer than it serves', async () => {
    const strom = new Strom({ name: 'watched', version: '1' });
    const { clock, logger } = strom;
    const options = { metrics: true };
    const observer = observerOf(strom, options);
    const subject = { dispatcher: strom, tools: strom, clock, logger, observer };
    const host = new HttpHost(subject, options);
    await expect.poll(() => lagAfterBlocking(host), PATIENT).toBeGreaterThan(0.2);
    await host.close();
    // What was measured before is told once more.
    await host.metricsSnapshot();
    expect(await lagAfterBlocking(host)).toBe(0);
  });

  it('shows the tasks of the store by their phase', async () => {
    await using started = await startStrom(undefined, {
      ...WITH_METRICS,
      server: { store: memoryStore() },
    });
    const samples = await scrape(started);
    expect(sum(samples, 'strom_tasks{phase="open"}')).toBe(0);
    expect([...samples.keys()].filter((key) => key.startsWith('strom_tasks'))).toHaveLength(4);
  });

  it('shows the rest while the store does not answer', async () => {
    const store = memoryStore();
    await using started = await startStrom(undefined, { ...WITH_METRICS, server: { store } });
    await store.close();
    const samples = await scrape(started);
    expect(sum(samples, 'strom_processes')).toBe(1);
    expect(sum(samples, 'strom_tasks')).toBe(0);
  });

  it('is for callers with the scope metrics where callers sign in', async () => {
    const auth: Authenticator = {
      recognises: (facts) => facts.header('authorization') !== undefined,
      authenticate(facts) {
        const scope = facts.header('authorization')?.split(' ')[1];
        if (scope === undefined) throw publicError('ERR_INVALID_TOKEN', 'no');
        return { ...ANONYMOUS, kind: 'oauth', id: 'somebody', scopes: new Set([scope]) };
      },
      challenge: () => 'Bearer',
    };
    await using started = await startStrom(undefined, { run: { metrics: true, auth: [auth] } });
    const url = `${started.origin}/metrics`;
    const status = async (headers: Record<string, string>) =>
      (await fetch(url, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: 'Bearer files' })).toBe(403);
    expect(await status({ authorization: 'Bearer metrics' })).toBe(200);
  });
});

describe('BoundedLabels', () => {
  it('lets no more than so many values through', () => {
    const labels = new BoundedLabels(2);
    expect(['a', 'b\n', 'c', 'a', 'd'].map((text) => labels.of(text))).toEqual([
      'a',
      'b\\u000a',
      OTHER,
      'a',
      OTHER,
    ]);
  });
});
