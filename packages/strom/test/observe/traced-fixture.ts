/** A server over stdio that writes each of its spans to standard error, as one line of JSON. */
import { trace } from '@opentelemetry/api';
import {
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { Strom } from '../../src/serve/strom.ts';

const exporter: SpanExporter = {
  export(spans: readonly ReadableSpan[], done) {
    for (const span of spans) {
      const { name, attributes, parentSpanContext, status } = span;
      const { traceId, spanId } = span.spanContext();
      const parent = parentSpanContext?.spanId;
      const line = JSON.stringify({ name, attributes, parent, status, traceId, spanId });
      process.stderr.write(`${line}\n`);
    }
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();

const strom = new Strom({ name: 'traced', version: '1.0.0' });
strom.tool('work', { description: 'Has a span of its own' }, async () => {
  await Promise.resolve();
  return trace.getTracer('test').startActiveSpan('inside', (span) => {
    span.end();
    return 'done';
  });
});
await strom.run({ transport: 'stdio' });
