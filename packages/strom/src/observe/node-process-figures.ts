import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metric } from './metrics-snapshot.ts';

/** How often the event loop is asked whether it is late; what it costs is a timer. */
const RESOLUTION_MS = 10;
const NS_PER_S = 1e9;
const US_PER_S = 1e6;

/**
 * What a process uses, by the names of prom-client, so that the dashboards there are for Node can be
 * used. Watches the event loop from the beginning until {@link ProcessFigures.stop}; keeps no process
 * alive.
 */
export class ProcessFigures {
  readonly #delays: IntervalHistogram;

  constructor() {
    this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delays.enable();
  }

  stop(): void {
    this.#delays.disable();
  }

  /** The delays are those since the last time; of several processes the worst one is told. */
  snapshot(): readonly Metric[] {
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const delays = this.#delays;
    const figures = [
      lag('mean', delays.mean),
      lag('p50', delays.percentile(50)),
      lag('p90', delays.percentile(90)),
      lag('p99', delays.percentile(99)),
      lag('max', delays.max),
      bytes('process_resident_memory_bytes', 'Memory of the process.', rss),
      bytes('nodejs_heap_size_total_bytes', 'The heap, its free parts included.', heapTotal),
      bytes('nodejs_heap_size_used_bytes', 'What is used of the heap, garbage included.', heapUsed),
      bytes('nodejs_external_memory_bytes', 'Buffers outside the heap.', external),
      figure('process_cpu_seconds_total', 'Time of processors.', {
        type: 'counter',
        value: (user + system) / US_PER_S,
        aggregator: 'sum',
      }),
      figure('process_start_time_seconds', 'When the first process began, since the epoch.', {
        type: 'gauge',
        value: Math.round(performance.timeOrigin / 1000),
        aggregator: 'min',
      }),
    ];
    delays.reset();
    return figures;
  }
}

interface Figure extends Pick<Metric, 'type' | 'aggregator'> {
  readonly value: number;
}

function figure(name: string, help: string, { value, ...how }: Figure): Metric {
  return { name, help, values: [{ labels: {}, value }], ...how };
}

function bytes(name: string, help: string, value: number): Metric {
  return figure(name, help, { type: 'gauge', value, aggregator: 'sum' });
}

/** What is measured is the time from one question to the next, which is no delay if it is as planned. */
function lag(what: string, ns: number): Metric {
  const seconds = ns / NS_PER_S - RESOLUTION_MS / 1000;
  return figure(`nodejs_eventloop_lag_${what}_seconds`, `How late the event loop was: ${what}.`, {
    type: 'gauge',
    // No number is what there is before anything was measured.
    value: Number.isNaN(seconds) ? 0 : Math.max(0, seconds),
    aggregator: 'max',
  });
}
