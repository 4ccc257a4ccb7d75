/**
 * What proxies in front of the server say of a request: believed where the connection comes from one
 * of them, ignored where anybody else says it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7239
 * @module
 */
import { canonicalAddress, isWithin, type Network, parseNetwork } from '../base/ip-address.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import type { Forwarded, RequestFacts } from './request-facts.ts';

/** More hops than any chain has; what stands further left is not looked at. */
const MAX_HOPS = 32;
/** One `name=value` of the header Forwarded; a value may be quoted. */
const PAIR = /^\s*([\w-]+)\s*=\s*(?:"([^"\\]*)"|([^\s";,]*))\s*$/;

export class TrustedProxies {
  readonly #networks: readonly Network[];

  /**
   * @param ranges - addresses and CIDR ranges
   * @throws {TypeError} naming the one that is neither
   */
  constructor(ranges: readonly string[]) {
    this.#networks = ranges.map((range) => {
      const network = parseNetwork(range);
      if (network === undefined) {
        throw new TypeError(
          `trustedProxies: "${range}" is no address and no range such as 10.0.0.0/8`,
        );
      }
      return network;
    });
  }

  /**
   * What is to be believed about where a request comes from; `undefined`: the connection says it.
   *
   * A proxy that knows one kind of header hands on the other as the client made it up. Nobody can tell
   * which of two that differ is the client's, and to count the request as the proxy's own would free it
   * of the limits of callers; so it is refused with `ERR_FORWARDED_MISMATCH`.
   */
  read(facts: RequestFacts, peer: string): Forwarded | StromError | undefined {
    if (!this.#trusts(peer)) return undefined;
    const standard = this.#standard(facts, peer);
    const usual = this.#usual(facts, peer);
    if (standard === undefined || usual === undefined) return standard ?? usual;
    return agreed(standard, usual) ?? mismatch();
  }

  #trusts(address: string): boolean {
    return this.#networks.some((network) => isWithin(address, network));
  }

  /** `X-Forwarded-For`, and its `-Proto` and `-Host`. */
  #usual(facts: RequestFacts, peer: string): Forwarded | undefined {
    const chain = facts.header('x-forwarded-for');
    if (chain === undefined) return undefined;
    return {
      address: this.#client(listed(chain), peer),
      isEncrypted: isHttps(listed(facts.header('x-forwarded-proto') ?? '').at(-1)),
      host: listed(facts.header('x-forwarded-host') ?? '').at(-1),
    };
  }

  /** `Forwarded` of RFC 7239. */
  #standard(facts: RequestFacts, peer: string): Forwarded | undefined {
    const text = facts.header('forwarded');
    if (text === undefined) return undefined;
    const hops = listed(text).map(pairsOf);
    const nearest = hops.at(-1);
    return {
      address: this.#client(
        hops.map((hop) => hop.get('for') ?? ''),
        peer,
      ),
      isEncrypted: isHttps(nearest?.get('proto')),
      host: nearest?.get('host'),
    };
  }

  /** The rightmost address that is no proxy of ours: everything left of it anybody may have written. */
  #client(chain: readonly string[], peer: string): string {
    let nearest = peer;
    for (const hop of chain.toReversed()) {
      const address = addressOf(hop);
      if (address === undefined) return nearest;
      nearest = address;
      if (!this.#trusts(address)) return address;
    }
    return nearest;
  }
}

/** What two headers say together; `undefined` where they differ. */
function agreed(one: Forwarded, other: Forwarded): Forwarded | undefined {
  const isEncrypted = one.isEncrypted ?? other.isEncrypted;
  const host = one.host ?? other.host;
  const isAgreed =
    one.address === other.address &&
    isEncrypted === (other.isEncrypted ?? isEncrypted) &&
    host?.toLowerCase() === (other.host ?? host)?.toLowerCase();
  return isAgreed ? { address: one.address, isEncrypted, host } : undefined;
}

function mismatch(): StromError {
  return publicError(
    'ERR_FORWARDED_MISMATCH',
    'Forwarded and X-Forwarded-* differ; the proxy has to drop the one it does not set',
  );
}

function isHttps(protocol: string | undefined): boolean | undefined {
  return protocol === undefined ? undefined : protocol.toLowerCase() === 'https';
}

/** The last elements of a list, in order. */
function listed(text: string): readonly string[] {
  return text
    .split(',')
    .slice(-MAX_HOPS)
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

function pairsOf(hop: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const part of hop.split(';')) {
    const [, name = '', quoted, plain = ''] = PAIR.exec(part) ?? [];
    if (name !== '') pairs.set(name.toLowerCase(), quoted ?? plain);
  }
  return pairs;
}

/** The address of a hop, which may come with a port and, for IPv6, in brackets. */
function addressOf(hop: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop)?.[1];
  return canonicalAddress(bracketed ?? hop.replace(/^([\d.]+):\d{1,5}$/, '$1'));
}
