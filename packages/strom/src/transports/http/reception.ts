import { canonicalAddress } from '../../base/ip-address.ts';
import { Memo } from '../../base/memo.ts';
import { ANONYMOUS, callingFrom, type Principal } from '../../base/principal.ts';
import { StromError } from '../../base/strom-error.ts';
import type { Gatekeeper } from '../../security/gatekeeper.ts';
import { TrustedProxies } from '../../security/trusted-proxies.ts';
import type { HttpExchange } from './exchange.ts';
import { RateGate, type RateLimits } from './rate-gate.ts';
import { peerGone } from './refuse.ts';

export interface ReceptionOptions {
  /** How often callers may ask, and how often they may fail to say who they are; 429 beyond. */
  rateLimits?: RateLimits;
  /**
   * Proxies in front of the server, as addresses and ranges: `['10.0.0.0/8', '::1']`. What they say in
   * `X-Forwarded-For`, `-Proto` and `-Host`, or in `Forwarded`, is believed; from everybody else these
   * headers are ignored. They must set or drop them, and not hand on what a client sent: a request in which
   * the two kinds differ is refused with `ERR_FORWARDED_MISMATCH`. Default: none.
   */
  trustedProxies?: readonly string[];
}

const MAX_KNOWN_ADDRESSES = 1024;

/** Finds out from where and by whom a request comes, and whether they may ask that often. */
export class Reception {
  readonly #gatekeeper: Gatekeeper;
  readonly #proxies: TrustedProxies;
  readonly #rates: RateGate;
  /** Many requests come over one connection, and from one address. */
  readonly #addresses = new Memo((text) => canonicalAddress(text) ?? '', MAX_KNOWN_ADDRESSES);
  readonly #strangers = new Memo((address) => callingFrom(ANONYMOUS, address), MAX_KNOWN_ADDRESSES);

  /** @throws {TypeError} naming the setting that cannot hold */
  constructor(gatekeeper: Gatekeeper, options: ReceptionOptions) {
    this.#gatekeeper = gatekeeper;
    this.#proxies = new TrustedProxies(options.trustedProxies ?? []);
    this.#rates = new RateGate(options.rateLimits ?? {});
  }

  /**
   * Finds out where a request comes from; who asks is not known yet.
   *
   * @returns why that cannot be said: `ERR_FORWARDED_MISMATCH`, or `ERR_PEER_GONE` where nobody would hear
   * the answer; served, such a request would count for no address
   */
  locate(exchange: HttpExchange): StromError | undefined {
    const peer = this.#addresses.of(exchange.peerAddress ?? '');
    if (peer === '') return exchange.isPeerLost === true ? peerGone() : undefined;
    const told = this.#proxies.read(exchange, peer);
    const isUnclear = told instanceof StromError;
    exchange.forwarded = isUnclear ? undefined : told;
    exchange.principal = this.#strangers.of(exchange.forwarded?.address ?? peer);
    return isUnclear ? told : undefined;
  }

  /**
   * Finds out who asks.
   *
   * @returns a promise where there is something to wait for; waiting for nothing would cost more than
   * the rest of this
   * @throws {StromError} `ERR_RATE_LIMITED`, and what the gatekeeper throws
   */
  receive(exchange: HttpExchange): Promise<void> | undefined {
    const counted = this.#rates.countAddress(exchange.principal);
    if (this.#gatekeeper.isOpen) return counted;
    return counted === undefined
      ? this.#receive(exchange)
      : counted.then(() => this.#receive(exchange));
  }

  #receive(exchange: HttpExchange): Promise<void> | undefined {
    const verdict = this.#identify(exchange);
    if (!(verdict instanceof Promise)) return this.#admit(exchange, verdict);
    return verdict.then((principal) => this.#admit(exchange, principal));
  }

  #admit(exchange: HttpExchange, principal: Principal): Promise<void> | undefined {
    exchange.principal = callingFrom(principal, exchange.principal.address);
    return this.#rates.countCaller(exchange.principal);
  }

  #identify(exchange: HttpExchange): Principal | Promise<Principal> {
    try {
      const verdict = this.#gatekeeper.identify(exchange, () =>
        this.#rates.beforeAsking(exchange.principal),
      );
      if (!(verdict instanceof Promise)) return verdict;
      return verdict.catch((error: unknown) => this.#afterFailure(exchange, error));
    } catch (error) {
      return this.#afterFailure(exchange, error);
    }
  }

  async #afterFailure(exchange: HttpExchange, error: unknown): Promise<never> {
    const { address } = exchange.principal;
    const claim = this.#gatekeeper.claimOf(exchange);
    throw await this.#rates.afterFailure(error, { address, claim });
  }
}
