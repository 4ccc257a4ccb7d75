import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../base/logger.ts';
import type { HttpHost } from '../transports/http/http-host.ts';
import { NodeExchange } from '../transports/http/node-exchange.ts';

/** The shape Node, Connect and Express share. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: () => void,
) => void;

/**
 * A Node request handler for a host.
 *
 * @param arrivedEncrypted - for requests that another process took over TLS and handed on in the
 * clear
 */
export function nodeListener(
  host: HttpHost,
  logger: Logger,
  arrivedEncrypted = false,
): NodeListener {
  return (request, response, next) => {
    const exchange = new NodeExchange(request, response, arrivedEncrypted);
    if (next !== undefined && !host.owns(exchange.path)) {
      next();
      return;
    }
    response.on('error', (error) => logger.debug({ err: error }, 'a response broke'));
    // `serve` answers every failure itself; a rejection would be a defect and must be seen.
    host.serve(exchange).catch((error: unknown) => {
      logger.error({ err: error }, 'a request was not answered');
      response.destroy();
    });
  };
}
