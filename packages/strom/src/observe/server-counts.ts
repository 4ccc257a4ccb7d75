/**
 * Everything that is counted, in plain fields: counting costs a look into one map at the end of a
 * call, and nothing per notification. What Prometheus reads is made when it asks.
 *
 * @module
 */
import type { WatchedRequest, WireName } from '../calls/observer.ts';
import { Tally } from '../calls/tally.ts';
import { BoundedLabels, OTHER } from './bounded-labels.ts';
import { DurationSeries, type Labels } from './duration-series.ts';
import { askedFor, type KnownNames } from './target.ts';

/** A bound of what there may be of each. */
const MAX_TARGETS = 200;
const MAX_CLIENTS = 200;

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
  readonly #clientNames = new BoundedLabels(MAX_CLIENTS);

  constructor(names: KnownNames) {
    this.#names = names;
  }

  begun(wire: WireName, { client, revision = 'none' }: WatchedRequest): void {
    this.activeCalls += 1;
    const name = this.#clientNames.of(client.name ?? '(unnamed)');
    const key = `${wire}\n${revision}\n${name}`;
    let use = this.clients.get(key);
    if (use === undefined) {
      use = {
        labels: { transport: wire, mcp_protocol_version: revision, client_name: name },
        requests: 0,
      };
      this.clients.set(key, use);
    }
    use.requests += 1;
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
