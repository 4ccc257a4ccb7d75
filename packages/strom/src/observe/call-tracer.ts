/**
 * A span for every call, by the conventions of OpenTelemetry for MCP. Arguments, results, messages of
 * errors and URIs of resources are in none of them.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
 * @module
 */
import {
  type Attributes,
  type Context,
  context,
  type ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { cleanText } from '../base/clean-text.ts';
import { StromError } from '../base/strom-error.ts';
import type { WireError } from '../base/wire-error.ts';
import type { CallEnd, HeaderReader, WatchedRequest, WireName } from '../calls/observer.ts';
import type { TraceContext } from '../protocol/operation.ts';
import { metaOf, traceContext } from '../protocol/request-meta.ts';
import { askedFor, type KnownNames } from './asked-for.ts';
import { errorTypeOf } from './error-type.ts';
import { fingerprint } from './fingerprint.ts';

const SCOPE = 'strom';

/** A tracer, if somebody has registered an SDK that makes spans. */
export function registeredTracer(names: KnownNames): CallTracer | undefined {
  const provider: TracerProvider & Partial<ProxyTracerProvider> = trace.getTracerProvider();
  // The stand-in of the API has nobody to hand on to until there is an SDK.
  const isStandIn = provider.getDelegateTracer !== undefined;
  if (isStandIn && provider.getDelegateTracer?.(SCOPE) === undefined) return undefined;
  return new CallTracer(provider.getTracer(SCOPE), names);
}

export class CallTracer {
  readonly #tracer: Tracer;
  readonly #names: KnownNames;

  constructor(tracer: Tracer, names: KnownNames) {
    this.#tracer = tracer;
    this.#names = names;
  }

  /** Begins the span of one call. */
  start(wire: WireName, request: WatchedRequest): CallSpan {
    const { method, target } = askedFor(request, this.#names);
    const { parent, links } = lineage(request);
    const span = this.#tracer.startSpan(
      target === undefined ? method : `${method} ${target}`,
      {
        kind: SpanKind.SERVER,
        attributes: { 'mcp.method.name': method, ...attributesOf(wire, request, target) },
        links: links.map((spanContext) => ({ context: spanContext })),
      },
      parent,
    );
    return new CallSpan(span, trace.setSpan(parent, span));
  }
}

/** The span of one call, from its arrival to its answer. */
export class CallSpan {
  readonly #span: Span;
  readonly #context: Context;

  constructor(span: Span, active: Context) {
    this.#span = span;
    this.#context = active;
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  /** Runs work whose spans are to be children of this one. */
  within<Result>(work: () => Result): Result {
    return context.with(this.#context, work);
  }

  end(end: CallEnd): void {
    const errorType = errorTypeOf(end);
    if (errorType !== undefined) {
      this.#span.setAttribute('error.type', errorType);
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    const code = end.kind === 'error' ? rpcCodeOf(end.error) : undefined;
    if (code !== undefined) this.#span.setAttribute('rpc.response.status_code', String(code));
    this.#span.end();
  }
}

/**
 * Where a span hangs: below what the caller says in `_meta`, since one HTTP request may carry several
 * messages; else below the span that is active, such as one of HTTP; else below what the headers say.
 */
function lineage(request: WatchedRequest): { parent: Context; links: readonly SpanContext[] } {
  const ambient = trace.getSpanContext(context.active());
  const said = remoteContext(traceContext(metaOf(request.params)));
  if (said !== undefined) {
    const isElsewhere = ambient !== undefined && ambient.traceId !== spanOf(said)?.traceId;
    return { parent: said, links: isElsewhere ? [ambient] : [] };
  }
  if (ambient !== undefined) return { parent: context.active(), links: [] };
  return { parent: remoteContext(headerContext(request.header)) ?? ROOT_CONTEXT, links: [] };
}

/** What a caller says, if it is the context of a span. */
function remoteContext(said: TraceContext | undefined): Context | undefined {
  if (said?.traceparent === undefined) return undefined;
  const extracted = propagation.extract(ROOT_CONTEXT, said);
  return spanOf(extracted) === undefined ? undefined : extracted;
}

function spanOf(of: Context): SpanContext | undefined {
  return trace.getSpanContext(of);
}

const TRACE_HEADERS = ['traceparent', 'tracestate', 'baggage'] as const;

function headerContext(header: HeaderReader | undefined): TraceContext | undefined {
  const found = TRACE_HEADERS.flatMap((name) => {
    const value = header?.(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

function attributesOf(
  wire: WireName,
  { method, revision, sessionId, idText }: WatchedRequest,
  target: string | undefined,
): Attributes {
  return {
    'network.transport': wire === 'stdio' ? 'pipe' : 'tcp',
    'strom.transport': wire,
    ...(revision !== undefined && { 'mcp.protocol.version': revision }),
    // The id itself opens the session where callers do not sign in.
    ...(sessionId !== undefined && { 'mcp.session.id': fingerprint(sessionId) }),
    ...(idText !== undefined && { 'jsonrpc.request.id': cleanText(idOf(idText)) }),
    ...(method === 'tools/call' && { 'gen_ai.operation.name': 'execute_tool' }),
    ...(target !== undefined && { [targetKey(method)]: target }),
  };
}

function targetKey(method: string): string {
  return method === 'tools/call' ? 'gen_ai.tool.name' : 'gen_ai.prompt.name';
}

/** An id as a string, whatever type it has in JSON. */
function idOf(idText: string): string {
  return String(JSON.parse(idText));
}

function rpcCodeOf(error: StromError | WireError): number {
  return error instanceof StromError ? error.traits.rpc : error.code;
}
