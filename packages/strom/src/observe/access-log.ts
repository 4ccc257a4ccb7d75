/**
 * One line for every request: who asked for what, how, and what became of it. Arguments, results,
 * headers, queries and ids of sessions are in none of them.
 *
 * @module
 */

import { cleanText } from '../base/clean-text.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Principal } from '../base/principal.ts';
import type { CallEnd, ServedRequest, WatchedRequest, WireName } from '../calls/observer.ts';
import type { Tally } from '../calls/tally.ts';
import { askedFor, type KnownNames } from './asked-for.ts';
import { errorTypeOf } from './error-type.ts';
import { fingerprint } from './fingerprint.ts';
import { LineSink } from './line-sink.ts';
import { isSecurityEvent } from './security-events.ts';

export interface EndedCall {
  readonly wire: WireName;
  readonly request: WatchedRequest;
  readonly end: CallEnd;
  /** Of HTTP, where the answer had one. */
  readonly status: number | undefined;
  readonly tally: Tally;
  readonly durationMs: number;
  readonly correlation: string;
}

/** Which requests get a line: all of them, or those that were refused for reasons of security. */
export type Lines = 'all' | 'security';

export interface AccessLogOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly names: KnownNames;
  readonly lines: Lines;
}

export class AccessLog {
  readonly #sink: LineSink;
  readonly #names: KnownNames;
  readonly #lines: Lines;

  constructor({ logger, clock, names, lines }: AccessLogOptions) {
    this.#names = names;
    this.#lines = lines;
    this.#sink = new LineSink(logger, clock);
  }

  call({ wire, request, end, status, tally, durationMs, correlation }: EndedCall): void {
    const { client } = request;
    const errorType = errorTypeOf(end);
    const outcome = end.kind === 'input_required' ? end.kind : (errorType ?? 'ok');
    if (!this.#wants(outcome)) return;
    const asked = askedFor(request, this.#names);
    const line = who(request.principal);
    put(line, 'op', asked.method);
    put(line, 'target', asked.target);
    line['transport'] = wire;
    put(line, 'revision', request.revision);
    put(line, 'client', client.name);
    put(line, 'clientVersion', client.version);
    line['outcome'] = outcome;
    if (wire !== 'stdio') line['status'] = status ?? statusWithout(end);
    line['ms'] = rounded(durationMs);
    count(line, tally);
    line['correlation'] = correlation;
    this.#sink.write(line, 'call');
  }

  served(request: ServedRequest): void {
    const { wire, what, status, principal, durationMs, correlation, error } = request;
    const { client, revision, bytes = 0 } = request;
    const outcome = error?.code ?? 'ok';
    if (!this.#wants(outcome)) return;
    const line = who(principal);
    put(line, 'op', what);
    line['transport'] = wire;
    put(line, 'revision', revision);
    put(line, 'client', client?.name);
    put(line, 'clientVersion', client?.version);
    line['outcome'] = outcome;
    if (status !== undefined) line['status'] = status;
    line['ms'] = rounded(durationMs);
    count(line, { bytes, events: 0, coalesced: 0, dropped: 0 });
    line['correlation'] = correlation;
    this.#sink.write(line, error === undefined ? 'request' : 'refused');
  }

  #wants(outcome: string): boolean {
    return this.#lines === 'all' || isSecurityEvent(outcome);
  }
}

/** A line that is being made; spreading its parts together would cost as much as writing it. */
type Line = Record<string, unknown>;

/** Who somebody is: how it is known, a mark of the id, the name, and the address. */
function who({ kind, id, name, address }: Principal): Line {
  const isNobody = kind === 'anonymous' || kind === 'local';
  const line: Line = { who: isNobody ? kind : `${kind}:${fingerprint(id)}` };
  put(line, 'name', name);
  if (address !== undefined) line['address'] = address;
  return line;
}

function count(line: Line, of: Pick<Tally, 'bytes' | 'events' | 'coalesced' | 'dropped'>): void {
  line['bytes'] = of.bytes;
  line['events'] = of.events;
  line['coalesced'] = of.coalesced;
  line['dropped'] = of.dropped;
}

/** Of a call whose caller had gone before there was a status to send. */
function statusWithout(end: CallEnd): number | undefined {
  return end.kind === 'abandoned' ? end.reason.traits.http : undefined;
}

/** Adds what a caller said, if anything. */
function put(line: Line, field: string, text: string | undefined): void {
  if (text !== undefined) line[field] = cleanText(text);
}

function rounded(durationMs: number): number {
  return Math.round(durationMs * 100) / 100;
}
