/**
 * One URL, and how this client talks to it: its headers, its redirects, its errors.
 *
 * Redirects are followed within the origin only. Everything this client sends may hold credentials
 * or private arguments, so another origin has to be named by the user, not by a server.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import type { HeaderSource } from './client-options.ts';
import { discardBody } from './http-body.ts';

const MAX_REDIRECTS = 3;
/** These keep the method and the body; others would turn a POST into a GET. */
const KEEPS_METHOD = new Set([307, 308]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface EndpointOptions {
  readonly url: URL;
  readonly headers: HeaderSource;
  readonly fetch: typeof globalThis.fetch;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** The platform's error would repeat the value, which may be a secret. */
function toHeaders(own: Readonly<Record<string, string>>): Headers {
  try {
    return new Headers(own);
  } catch {
    throw new TypeError('options.headers has a name or value that HTTP does not allow');
  }
}

export class HttpEndpoint {
  readonly url: URL;
  readonly #options: EndpointOptions;

  constructor(options: EndpointOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /** The same headers and `fetch` for another URL of the same origin. */
  at(url: URL): HttpEndpoint {
    return new HttpEndpoint({ ...this.#options, url });
  }

  /**
   * Sends a request and follows redirects within the origin.
   *
   * @throws {StromError} `ERR_CONNECT` when no answer came; `ERR_HTTP_STATUS` for a redirect that
   * is not followed. An abort rejects with the reason of the signal.
   */
  async send(request: HttpRequest): Promise<Response> {
    const { headers } = this.#options;
    const merged = toHeaders(typeof headers === 'function' ? await headers() : headers);
    for (const [name, value] of Object.entries(request.headers)) merged.set(name, value);
    const sent = { ...request, headers: merged };
    let url = this.url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const response = await this.#fetch(url, sent);
      if (response.type !== 'opaqueredirect' && !REDIRECTS.has(response.status)) return response;
      url = this.#redirectTarget(response, url, request.method);
    }
    throw new StromError('ERR_HTTP_STATUS', 'too many redirects');
  }

  async #fetch(url: URL, request: RequestInit & { signal: AbortSignal }): Promise<Response> {
    const { fetch } = this.#options;
    try {
      return await fetch(url, { ...request, redirect: 'manual' });
    } catch (cause) {
      request.signal.throwIfAborted();
      throw new StromError('ERR_CONNECT', `no answer from ${url.origin}`, { cause });
    }
  }

  #redirectTarget(response: Response, from: URL, method: HttpRequest['method']): URL {
    discardBody(response);
    const location = response.headers.get('location');
    const { status } = response;
    const data = { status };
    if (location === null || !URL.canParse(location, from.href)) {
      throw new StromError('ERR_HTTP_STATUS', 'the server redirects; use its final URL', { data });
    }
    const target = new URL(location, from);
    if (target.origin !== this.url.origin) {
      const message = `the server redirects to ${target.origin}; use that URL if you trust it`;
      throw new StromError('ERR_HTTP_STATUS', message, { data });
    }
    if (method !== 'GET' && !KEEPS_METHOD.has(status)) {
      const message = `the server redirects a ${method} with HTTP ${status}; use its final URL`;
      throw new StromError('ERR_HTTP_STATUS', message, { data });
    }
    return target;
  }
}
