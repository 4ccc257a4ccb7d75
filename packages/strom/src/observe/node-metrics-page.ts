import { AggregatorRegistry } from 'prom-client';
import type { MetricsPage, MetricsSnapshot } from '../calls/observer.ts';

/** Adds up what processes have counted and writes it in the form Prometheus reads. */
export async function metricsPage(snapshots: readonly MetricsSnapshot[]): Promise<MetricsPage> {
  const registry = AggregatorRegistry.aggregate([...snapshots] as object[]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}
