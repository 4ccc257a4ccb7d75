/**
 * One line for every request: who asked for what, how, and what became of it. Arguments, results,
 * headers, queries and ids of sessions are in none of them.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import type { Principal } from '../base/principal.ts';
import type { CallEnd, ServedRequest, WatchedRequest, WireName } from '../calls/observer.ts';
import type { Tally } from '../calls/tally.ts';
import { errorTypeOf } from './call-end-code.ts';
import { cleanText } from './clean-text.ts';
import { fingerprint } from './fingerprint.ts';
import { LineSink } from './line-sink.ts';
import { targetOf } from './target.ts';

export interface EndedCall {
  readonly wire: WireName;
  readonly request: WatchedRequest;
  readonly end: CallEnd;
  readonly tally: Tally;
  readonly durationMs: number;
}

export class AccessLog {
  readonly #sink: LineSink;

  constructor(logger: Logger, clock: Clock) {
    this.#sink = new LineSink(logger, clock);
  }

  call({ wire, request, end, tally, durationMs }: EndedCall): void {
    const { client } = request;
    const outcome = end.kind === 'input_required' ? end.kind : (errorTypeOf(end) ?? 'ok');
    this.#sink.write(
      {
        ...who(request.principal),
        op: cleanText(request.method),
        ...optional('target', targetOf(request)),
        transport: wire,
        ...optional('revision', request.revision),
        ...optional('client', client.name),
        ...optional('clientVersion', client.version),
        outcome,
        ms: rounded(durationMs),
        bytes: tally.bytes,
        events: tally.events,
        coalesced: tally.coalesced,
        dropped: tally.dropped,
      },
      'call',
    );
  }

  served({ wire, what, status, principal, durationMs, error }: ServedRequest): void {
    this.#sink.write(
      {
        ...who(principal),
        op: cleanText(what),
        transport: wire,
        status,
        outcome: error?.code ?? 'ok',
        ms: rounded(durationMs),
      },
      error === undefined ? 'request' : 'refused',
    );
  }
}

/** Who somebody is: how it is known, a mark of the id, and the name, if there is one. */
function who({ kind, id, name }: Principal): LogFields {
  const isNobody = kind === 'anonymous' || kind === 'local';
  return { who: isNobody ? kind : `${kind}:${fingerprint(id)}`, ...optional('name', name) };
}

function optional(field: string, text: string | undefined): LogFields {
  return text === undefined ? {} : { [field]: cleanText(text) };
}

function rounded(durationMs: number): number {
  return Math.round(durationMs * 100) / 100;
}
