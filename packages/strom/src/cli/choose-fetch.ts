import type { Environment } from './target/expand-env.ts';

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|.+\.localhost)$/i;
/** The host's own `fetch` gives up after five minutes without a byte. */
const HOST_PATIENCE_MS = 300_000;

export interface FetchNeeds {
  readonly url: URL;
  readonly env: Environment;
  readonly timeoutMs: number | undefined;
}

/**
 * The `fetch` for a server; `undefined` for the host's own, which starts faster and is enough
 * without a proxy. Loopback is never sent through a proxy: another machine has another one.
 */
export async function chooseFetch(needs: FetchNeeds): Promise<typeof globalThis.fetch | undefined> {
  const { url, env, timeoutMs = 0 } = needs;
  const isLoopback = LOOPBACK.test(url.hostname);
  const hasProxy = !isLoopback && PROXY_VARIABLES.some((name) => (env[name] ?? '') !== '');
  if (!hasProxy && timeoutMs <= HOST_PATIENCE_MS) return undefined;
  const { createPatientFetch, createProxyFetch } = await import('./proxy-fetch.ts');
  return hasProxy ? createProxyFetch() : createPatientFetch();
}
