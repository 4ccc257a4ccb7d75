import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Logger } from '../base/logger.ts';
import type { HttpHost } from '../transports/http/http-host.ts';
import type { NodeExchange } from '../transports/http/node-exchange.ts';
import {
  type HandedOver,
  type HandOver,
  NodeHttp1Exchange,
  type Passage,
} from '../transports/http/node-http1-exchange.ts';
import { NodeHttp2Exchange } from '../transports/http/node-http2-exchange.ts';
import type { Carrier } from './untaken-answers.ts';

/** The shape Node, Connect and Express share. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: () => void,
) => void;

/** How processes that share the work hand requests to one another. */
export interface HandingOver {
  /** Tells what is known of a request that another process took and handed on. */
  readonly handedOver?: (request: IncomingMessage) => HandedOver;
  /** Hands a request to the process of that name. */
  readonly handOver?: HandOver | undefined;
}

export interface NodeListenerOptions extends HandingOver {
  /** Told what carries an answer, where the server is somebody else's. */
  readonly carriedBy?: (carrier: Carrier, answer: ServerResponse) => void;
}

/** A Node request handler for a host. */
export function nodeListener(
  host: HttpHost,
  logger: Logger,
  { handedOver, handOver, carriedBy }: NodeListenerOptions = {},
): NodeListener {
  // One for all: of a stream that stays open nothing is kept that it does not need.
  const broke = (error: Error): void => logger.debug({ err: error }, 'a response broke');
  const isAlone = handedOver === undefined && handOver === undefined;
  const passageOf = (request: IncomingMessage): Passage => ({
    handedOver: handedOver?.(request),
    handOver,
  });
  return (request, response, next) => {
    const exchange = exchangeOf(request, response, isAlone ? undefined : passageOf(request));
    if (next !== undefined && !host.owns(exchange.path)) {
      next();
      return;
    }
    response.on('error', broke);
    carriedBy?.(isOfHttp2(response) ? response.stream : request.socket, response);
    serve(host, logger, exchange);
  };
}

/** A handler of the streams of HTTP/2. */
export type StreamListener = (
  ...given: [
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    rawHeaders: string[],
  ]
) => void;

/** The same without what Node puts around every stream to make it look like HTTP/1.1. */
export function streamListener(host: HttpHost, logger: Logger): StreamListener {
  const broke = (error: Error): void => logger.debug({ err: error }, 'a stream broke');
  return (...given) => {
    const [stream, headers, , rawHeaders] = given;
    stream.on('error', broke);
    // Nothing can be said on a stream that its peer has taken back meanwhile; Node would throw.
    const isAwaited = headers['expect'] === '100-continue' && !stream.closed;
    if (isAwaited) stream.additionalHeaders({ ':status': 100 });
    const { ':method': method, ':path': url } = headers;
    const request = { method, url, headers, rawHeaders, readableEnded: false };
    serve(host, logger, new NodeHttp2Exchange(request, stream));
  };
}

/** `HttpHost.serve` answers every failure itself; a rejection would be a defect and must be seen. */
function serve(host: HttpHost, logger: Logger, exchange: NodeExchange): void {
  host.serve(exchange).catch((error: unknown) => {
    logger.error({ err: error }, 'a request was not answered');
    exchange.abort();
  });
}

/**
 * Node gives requests of both versions one shape; what carries them differs. Which version a request says
 * it has does not tell: in HTTP/1.1 a client can write anything there.
 */
function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  passage: Passage | undefined,
): NodeExchange {
  if (isOfHttp2(response)) {
    const handOver = passage?.handOver;
    const passTo = handOver && ((holder: string) => handOver(request, response, holder));
    return new NodeHttp2Exchange(request, response.stream, passTo);
  }
  return new NodeHttp1Exchange(request, response, passage);
}

function isOfHttp2(response: object): response is Http2ServerResponse {
  return 'stream' in response;
}
