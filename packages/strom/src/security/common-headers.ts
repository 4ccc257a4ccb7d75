import { Memo } from '../base/memo.ts';
import type { HostRules } from './check-host.ts';
import { corsHeaders } from './cors.ts';
import type { RequestFacts } from './request-facts.ts';
import type { StrictTransport } from './strict-transport.ts';

type Headers = Readonly<Record<string, string>>;

/** The headers of all answers, whatever they say: put together once for each origin there is. */
export class CommonHeaders {
  readonly #strictTransport: StrictTransport;
  readonly #usual: Memo<Headers>;
  readonly #strict: Memo<Headers>;

  constructor(rules: HostRules, strictTransport: StrictTransport) {
    this.#strictTransport = strictTransport;
    this.#usual = new Memo((origin) => corsHeaders(origin, rules));
    this.#strict = new Memo((origin) => ({
      ...corsHeaders(origin, rules),
      ...strictTransport.headers,
    }));
  }

  /** The same object for requests that are alike. */
  of(facts: RequestFacts): Headers {
    const origin = facts.header('origin') ?? '';
    return (this.#strictTransport.isFor(facts) ? this.#strict : this.#usual).of(origin);
  }
}
