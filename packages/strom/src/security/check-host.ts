import { publicError, type StromError } from '../base/strom-error.ts';
import { type Authority, canonicalOrigin, isLoopbackName, parseAuthority } from './host.ts';
import type { PublicUrl } from './public-url.ts';
import type { RequestFacts } from './request-facts.ts';

export interface HostPolicy {
  /**
   * The URL clients connect to, such as `https://mcp.example.com/mcp`; an origin alone means the
   * endpoint at `path`. Its host and origin are allowed, and access tokens are expected to be for it.
   * Default: none, loopback only.
   */
  readonly publicUrl?: string;
  /**
   * Hosts the server answers to beside loopback, as sent in `Host`: `mcp.example.com` or
   * `mcp.example.com:8443`. Default: none, loopback only.
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Origins of pages that may call the server beside its own, such as `https://app.example.com`.
   * Scheme, host and port are compared exactly. Default: none.
   */
  readonly allowedOrigins?: readonly string[];
}

export interface HostRules {
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

/**
 * Compiles a policy.
 *
 * @throws {TypeError} naming the entry that is no host, or no origin
 */
export function compileHostPolicy(policy: HostPolicy, publicUrl?: PublicUrl): HostRules {
  const hosts = (policy.allowedHosts ?? []).map((host) => {
    if (parseAuthority(host) === undefined) {
      throw new TypeError(`allowedHosts: "${host}" is no host such as mcp.example.com:8443`);
    }
    return host.toLowerCase();
  });
  const origins = (policy.allowedOrigins ?? []).map((origin) => {
    const canonical = canonicalOrigin(origin);
    if (canonical === undefined) {
      throw new TypeError(
        `allowedOrigins: "${origin}" is no origin such as https://app.example.com`,
      );
    }
    return canonical;
  });
  if (publicUrl !== undefined) {
    hosts.push(publicUrl.host);
    origins.push(publicUrl.origin);
  }
  return { hosts: new Set(hosts), origins: new Set(origins) };
}

/** Refuses a request that was meant for another host, or made by a page that is not allowed. */
export function checkHost(facts: RequestFacts, rules: HostRules): StromError | undefined {
  const host = facts.header('host');
  const pseudo = facts.header(':authority');
  const isAmbiguous = pseudo !== undefined && pseudo !== host;
  const isHost = host !== undefined && parseAuthority(host) !== undefined;
  if (!isHost || isAmbiguous || !isTargetOf(facts, host)) {
    return publicError('ERR_HOST_MALFORMED', 'The Host header is missing or malformed');
  }
  if (!isServed(host, facts, rules)) return refusedHost();
  const outerHost = facts.forwarded?.host ?? host;
  // A proxy may hand on what a client made up, so its word never opens what Host leaves closed.
  if (outerHost !== host && !isServed(outerHost, facts, rules)) return refusedHost();
  return checkOrigin(facts, outerHost, rules);
}

function isServed(host: string, facts: RequestFacts, rules: HostRules): boolean {
  if (rules.hosts.has(host.toLowerCase())) return true;
  const authority = parseAuthority(host);
  return authority !== undefined && isOwnLoopback(authority, facts);
}

function refusedHost(): StromError {
  return publicError(
    'ERR_HOST_NOT_ALLOWED',
    'This host is not served here; the setting allowedHosts names those that are',
  );
}

/** An absolute-form target must name the host that the Host header names. */
function isTargetOf(facts: RequestFacts, host: string): boolean {
  if (facts.target.startsWith('/') || facts.target === '*') return true;
  const authority = /^https?:\/\/([^/?#]*)/i.exec(facts.target)?.[1];
  return authority?.toLowerCase() === host.toLowerCase();
}

/** Loopback names count only with the port the connection arrived at. */
function isOwnLoopback(authority: Authority, facts: RequestFacts): boolean {
  if (!isLoopbackName(authority.hostname)) return false;
  if (facts.localPort === undefined) return true;
  return (authority.port ?? (facts.isEncrypted ? 443 : 80)) === facts.localPort;
}

/** Browsers send an origin in one spelling, so another spelling is no browser's and is refused. */
function checkOrigin(facts: RequestFacts, host: string, rules: HostRules): StromError | undefined {
  const origin = facts.header('origin');
  if (origin === undefined) return isFromOtherSite(facts) ? refusedOrigin() : undefined;
  if (rules.origins.has(origin)) return undefined;
  if (origin === canonicalOrigin(`${facts.isEncrypted ? 'https' : 'http'}://${host}`)) {
    return undefined;
  }
  return refusedOrigin();
}

/** Requests that browsers make for other pages without an Origin: images, links, navigation. */
function isFromOtherSite(facts: RequestFacts): boolean {
  const site = facts.header('sec-fetch-site');
  return site !== undefined && site !== 'none' && site !== 'same-origin';
}

function refusedOrigin(): StromError {
  return publicError(
    'ERR_ORIGIN_NOT_ALLOWED',
    'This origin may not call the server; the setting allowedOrigins names those that may',
  );
}
