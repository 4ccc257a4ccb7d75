/**
 * Everything that is counted, in plain fields: counting costs a look into one map at the end of a
 * call, and nothing per notification. What Prometheus reads is made when it asks.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import { NameCensus, OTHER } from '../base/name-census.ts';
import type { WatchedRequest, WireName } from '../calls/observer.ts';
import { Tally } from '../calls/tally.ts';
import { askedFor, type KnownNames } from './asked-for.ts';
import { BoundedLabels } from './bounded-labels.ts';
import { DurationSeries, type Labels } from './duration-series.ts';

/** Of tools and prompts that exist. */
const MAX_TARGETS = 200;

export interface ClientUse {
  readonly labels: Labels;
  requests: number;
}

export class ServerCounts {
  readonly total = new Tally();
  readonly durations = new Map<string, DurationSeries>();
  readonly clients = new Map<string, ClientUse>();
  readonly refusals = new Map<string, number>();
  activeCalls = 0;
  readonly #names: KnownNames;
  readonly #targets = new BoundedLabels(MAX_TARGETS);
  readonly #clientNames: NameCensus;

  constructor(names: KnownNames, clock: Clock) {
    this.#names = names;
    this.#clientNames = new NameCensus({ clock, onLeft: (name) => this.#fold(name) });
  }

  begun(wire: WireName, { client, principal, revision = 'none' }: WatchedRequest): void {
    this.activeCalls += 1;
    const name = this.#clientNames.of(client.name ?? '(unnamed)', principal);
    this.#use(wire, revision, name).requests += 1;
  }

  #use(transport: string, revision: string, name: string): ClientUse {
    const key = `${transport}\n${revision}\n${name}`;
    let use = this.clients.get(key);
    if (use === undefined) {
      use = {
        labels: { transport, mcp_protocol_version: revision, client_name: name },
        requests: 0,
      };
      this.clients.set(key, use);
    }
    return use;
  }

  /** Counts what a client has done among the others, once its name has no place any more. */
  #fold(name: string): void {
    for (const [key, { labels, requests }] of [...this.clients]) {
      const { transport = '', mcp_protocol_version: revision = '', client_name } = labels;
      if (client_name !== name) continue;
      this.clients.delete(key);
      this.#use(transport, revision, OTHER).requests += requests;
    }
  }

  ended(wire: WireName, request: WatchedRequest, errorType = ''): DurationSeries {
    this.activeCalls -= 1;
    if (errorType !== '' && errorType !== 'tool_error') this.refused(errorType);
    const asked = askedFor(request, this.#names);
    const { method } = asked;
    const name = asked.target === undefined ? '' : bounded(asked.target, this.#targets);
    const { revision = '' } = request;
    const key = `${wire}\n${revision}\n${method}\n${errorType}\n${name}`;
    let series = this.durations.get(key);
    if (series === undefined) {
      const isPrompt = request.method === 'prompts/get';
      series = new DurationSeries({
        mcp_method_name: method,
        gen_ai_tool_name: isPrompt ? '' : name,
        gen_ai_prompt_name: isPrompt ? name : '',
        error_type: errorType,
        network_transport: wire === 'stdio' ? 'pipe' : 'tcp',
        mcp_protocol_version: revision,
        transport: wire,
      });
      this.durations.set(key, series);
    }
    return series;
  }

  refused(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }
}

/** What stands for all others takes no place among them. */
function bounded(text: string, labels: BoundedLabels): string {
  return text === OTHER ? OTHER : labels.of(text);
}
