import { toJson } from '../../base/json.ts';
import type { ResourceMetadata } from '../../security/authenticator.ts';
import {
  RESOURCE_METADATA_PATH,
  resourceMetadataUrl,
} from '../../security/resource-metadata-url.ts';
import type { HttpExchange } from './exchange.ts';
import { JSON_HEADERS } from './headers.ts';
import { checkOnlyReads } from './method-not-allowed.ts';

/**
 * Tells everybody where to get credentials, at both places where clients look.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
 */
export class MetadataEndpoint {
  readonly #paths: ReadonlySet<string>;
  readonly #body: string;

  constructor(metadata: ResourceMetadata) {
    const { pathname } = new URL(resourceMetadataUrl(metadata.resource));
    this.#paths = new Set([pathname, RESOURCE_METADATA_PATH]);
    this.#body = toJson(metadata);
  }

  owns(path: string): boolean {
    return this.#paths.has(path);
  }

  /** @throws {StromError} `ERR_HTTP_METHOD` */
  serve(exchange: HttpExchange): void {
    checkOnlyReads(exchange.method);
    exchange.reply(200, JSON_HEADERS, this.#body);
  }
}
