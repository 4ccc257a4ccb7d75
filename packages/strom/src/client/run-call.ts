/**
 * One request of the caller from start to result: its rounds of questions, its repairs, its end.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import { RPC } from '../base/error-codes.ts';
import type { JsonObject } from '../base/json.ts';
import { isAtLeast, type LogLevel } from '../base/log-level.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { RpcMessage } from '../protocol/message.ts';
import { backoffMs } from './backoff.ts';
import { type CallNotice, toNotice } from './call-notice.ts';
import { type CallLimits, CallTimers } from './call-timers.ts';
import { resultOf } from './handshake.ts';
import { httpStatusOf } from './http-error.ts';
import { answerInputs, type InputRequest, inputRequestOf } from './input-required.ts';
import { type ClientIdentity, encodeRequest, type Link } from './link.ts';
import { orAborted, pause } from './pause.ts';
import type { QuestionDesk } from './question-desk.ts';
import { isTaskResult } from './task-snapshot.ts';

/** What a call needs of the connection it runs on. */
export interface CallHost {
  readonly clock: Clock;
  readonly identity: ClientIdentity;
  readonly desk: QuestionDesk;
  readonly maxRounds: number;
  nextId(): number;
  /** The connection as it is now, opened again if it was lost. */
  link(): Promise<Link>;
  /** A new connection in place of one that failed. */
  reopen(failed: Link): Promise<Link>;
  /** Reads the tool definitions anew. */
  refreshTools(): Promise<void>;
  /** Headers that mirror the arguments of a tool call. */
  mirroredHeaders(params: JsonObject): Record<string, string>;
}

export interface CallRequest {
  readonly method: string;
  readonly params: JsonObject;
  readonly limits: CallLimits;
  /** Least severe log messages to ask for; `undefined` for none. */
  readonly logLevel: LogLevel | undefined;
  readonly onMessage?: ((message: RpcMessage) => void) | undefined;
  /** Whether a task may come in place of a result; the caller can tell by {@link isTaskResult}. */
  readonly takesTask?: boolean;
}

/** Everything a call says, and at last its result. Ending the iteration cancels the call. */
export type CallRun = AsyncGenerator<CallNotice, JsonObject, undefined>;

/**
 * Runs a request.
 *
 * @throws {WireError} what the server answered
 * @throws {StromError} what went wrong on this side
 */
export async function* runCall(host: CallHost, request: CallRequest): CallRun {
  const timers = new CallTimers(host.clock, request.limits);
  try {
    let { params } = request;
    for (let round = 0; ; round += 1) {
      const result = yield* runRound(host, { ...request, params }, timers);
      if (request.takesTask === true && isTaskResult(result)) return result;
      const input = inputRequestOf(result);
      if (input === undefined) return result;
      if (round >= host.maxRounds) {
        throw new StromError('ERR_ROUND_LIMIT', `no result after ${round} rounds of questions`);
      }
      for (const { method, params } of input.questions) yield { kind: 'question', method, params };
      params = { ...request.params, ...(await answer(host, input, { timers, round })) };
    }
  } finally {
    timers.close();
  }
}

interface Round {
  readonly timers: CallTimers;
  readonly round: number;
}

async function answer(
  host: CallHost,
  input: InputRequest,
  { timers, round }: Round,
): Promise<JsonObject> {
  const { signal } = timers;
  // Nothing to ask anybody: the server wants to be asked again later, not at once.
  if (input.questions.length === 0) await pause(backoffMs(round), host.clock, signal);
  const { server } = await orAborted(host.link(), signal);
  return answerInputs(input, host.desk, { signal, serverName: server.name });
}

type Repair = 'reopen' | 'refresh-tools';

/** One round; a failure that is known to have stopped the request before it ran is repaired once. */
async function* runRound(host: CallHost, request: CallRequest, timers: CallTimers): CallRun {
  const tried = new Set<Repair>();
  for (;;) {
    const link = await orAborted(host.link(), timers.signal);
    try {
      return yield* runAttempt(host, { request, link }, timers);
    } catch (error) {
      const repair = repairFor(error, link, request);
      if (repair === undefined || tried.has(repair)) throw error;
      tried.add(repair);
      const repaired = repair === 'reopen' ? host.reopen(link) : host.refreshTools();
      await orAborted<unknown>(repaired, timers.signal);
    }
  }
}

const NOT_THIS_ERA = new Set([400, 404, 405]);

function repairFor(error: unknown, { server }: Link, request: CallRequest): Repair | undefined {
  if (error instanceof WireError) {
    const isMismatch = error.code === RPC.headerMismatch && request.method === 'tools/call';
    return isMismatch ? 'refresh-tools' : undefined;
  }
  if (!(error instanceof StromError)) return undefined;
  if (error.code === 'ERR_SESSION_UNKNOWN') return 'reopen';
  if (server.era !== 'stateless' || error.code !== 'ERR_HTTP_STATUS') return undefined;
  return NOT_THIS_ERA.has(httpStatusOf(error) ?? 0) ? 'reopen' : undefined;
}

interface Attempt {
  readonly request: CallRequest;
  readonly link: Link;
}

async function* runAttempt(
  host: CallHost,
  { request, link }: Attempt,
  timers: CallTimers,
): CallRun {
  const { exchange, board, server } = link;
  const { method, params, logLevel, onMessage } = request;
  const isStateless = server.era === 'stateless';
  const mirrored = method === 'tools/call' ? host.mirroredHeaders(params) : undefined;
  const inbox = board.open(host.nextId());
  let isAnswered = false;
  try {
    const draft = { id: inbox.id, method, params, isStateless, logLevel, mirrored };
    exchange.send(encodeRequest(draft, host.identity), inbox);
    for (;;) {
      const message = await timers.take(inbox);
      onMessage?.(message);
      if (message.kind === 'response') {
        isAnswered = true;
        return resultOf(message);
      }
      const notice = toNotice(message);
      if (notice !== undefined && isWanted(notice, logLevel)) yield notice;
    }
  } finally {
    if (!isAnswered) exchange.cancel(inbox);
    board.close(inbox);
  }
}

/** Where the level belongs to the session, a call still gets only what it asked for. */
function isWanted(notice: CallNotice, logLevel: LogLevel | undefined): boolean {
  return notice.kind !== 'log' || logLevel === undefined || isAtLeast(notice.level, logLevel);
}
