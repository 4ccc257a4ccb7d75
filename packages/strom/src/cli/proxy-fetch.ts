/**
 * `fetch` where that of Node 20 is not enough: through proxies, and with more patience.
 *
 * Neither has limits on time of its own; the client's are the ones that count.
 *
 * @module
 */
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';

const NO_LIMITS = { headersTimeout: 0, bodyTimeout: 0 };

/** Goes through the proxies that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name. */
export function createProxyFetch(): typeof globalThis.fetch {
  return fetchThrough(new EnvHttpProxyAgent(NO_LIMITS));
}

/** Waits for a silent server as long as the caller does. */
export function createPatientFetch(): typeof globalThis.fetch {
  return fetchThrough(new Agent(NO_LIMITS));
}

function fetchThrough(dispatcher: Dispatcher): typeof globalThis.fetch {
  // The same standard, typed once by Node and once by undici.
  const fetch = undiciFetch as unknown as (input: unknown, init: object) => Promise<Response>;
  return (input, init) => fetch(input, { ...init, dispatcher });
}
