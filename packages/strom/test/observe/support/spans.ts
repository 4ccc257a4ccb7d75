import { context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';

/** An SDK that keeps every span in memory; registered for the whole process until it is disposed. */
export function collectSpans() {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  return {
    get spans(): readonly ReadableSpan[] {
      return exporter.getFinishedSpans();
    },
    /** The spans of one name, oldest first. */
    named: (name: string): readonly ReadableSpan[] =>
      exporter.getFinishedSpans().filter((span) => span.name === name),
    async [Symbol.asyncDispose](): Promise<void> {
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
