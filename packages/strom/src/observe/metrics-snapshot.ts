/**
 * What is shown of the counts, by the names of the OpenTelemetry conventions for MCP where those have one.
 *
 * @module
 */
import type { OpenThings, TaskCounts } from '../calls/observer.ts';
import { DURATION_BOUNDS, type DurationSeries } from './duration-series.ts';
import type { ServerCounts } from './server-counts.ts';

interface Value {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** One metric, as prom-client takes it. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly Value[];
  /** How the values of several processes become one. */
  readonly aggregator: 'sum' | 'first' | 'min' | 'max';
}

/** What one process has counted, in the form that prom-client adds up and writes. */
export function metricsSnapshot(
  counts: ServerCounts,
  queuedBytes: number,
  open: OpenThings,
): readonly Metric[] {
  const { total } = counts;
  const sent = total.events - total.coalesced - total.dropped;
  return [
    durations([...counts.durations.values()]),
    counter('strom_notifications_total', 'Notifications of calls, by what became of them.', [
      { labels: { outcome: 'sent' }, value: sent },
      { labels: { outcome: 'coalesced' }, value: total.coalesced },
      { labels: { outcome: 'dropped' }, value: total.dropped },
    ]),
    counter('strom_message_bytes_total', 'Bytes of messages to callers.', one(total.bytes)),
    gauge('strom_queued_bytes', 'What waits for slow readers.', queuedBytes),
    gauge('strom_open_streams', 'Answers that are open, streams among them.', open.streams),
    gauge('strom_sessions', 'Sessions that are open.', open.sessions),
    gauge('strom_active_calls', 'Calls that run.', counts.activeCalls),
    gauge('strom_processes', 'Processes whose figures these are.', 1),
    tasks(open.tasks),
    certificate(open.certificateEndsAtMs),
    counter(
      'strom_errors_total',
      'Requests that were refused or failed, by the code of the error.',
      [...counts.refusals].map(([code, value]) => ({ labels: { error_type: code }, value })),
    ),
    counter(
      'strom_client_requests_total',
      'Requests of clients by transport, revision and name.',
      [...counts.clients.values()].map(({ labels, requests }) => ({ labels, value: requests })),
    ),
    counter('strom_http_sse_connections_total', 'Handshakes over HTTP+SSE.', legacy(open)),
  ];
}

/** A store that all processes share has one count, which each of them tells. */
function tasks({ byPhase, isShared }: TaskCounts = { byPhase: {}, isShared: false }): Metric {
  return {
    name: 'strom_tasks',
    help: 'Tasks by their phase.',
    type: 'gauge',
    values: Object.entries(byPhase).map(([phase, value]) => ({ labels: { phase }, value })),
    aggregator: isShared ? 'first' : 'sum',
  };
}

/** Processes that have not yet taken a new one show the old one. */
function certificate(endsAtMs: number | undefined): Metric {
  return {
    name: 'strom_tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate ends, since the epoch.',
    type: 'gauge',
    values: endsAtMs === undefined ? [] : one(endsAtMs / 1000),
    aggregator: 'min',
  };
}

function counter(name: string, help: string, values: readonly Value[]): Metric {
  return { name, help, type: 'counter', values, aggregator: 'sum' };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: 'gauge', values: one(value), aggregator: 'sum' };
}

function one(value: number): readonly Value[] {
  return [{ labels: {}, value }];
}

function legacy({ legacyUses }: OpenThings): readonly Value[] {
  return legacyUses.map(({ clientName, connections }) => ({
    labels: { client_name: clientName },
    value: connections,
  }));
}

function durations(rows: readonly DurationSeries[]): Metric {
  const name = 'mcp_server_operation_duration_seconds';
  return {
    name,
    help: 'How long requests took, from their arrival to their answer.',
    type: 'histogram',
    values: rows.flatMap((series) => histogram(name, series)),
    aggregator: 'sum',
  };
}

function histogram(name: string, { labels, counts, sum }: DurationSeries): readonly Value[] {
  let within = 0;
  const buckets = counts.map((count, index): Value => {
    within += count;
    const le = DURATION_BOUNDS[index] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: within };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: within },
  ];
}
