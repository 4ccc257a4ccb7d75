import { RPC } from '../../../base/error-codes.ts';
import { type JsonObject, toJson } from '../../../base/json.ts';
import type { CacheHint, CallEvent, ChangeFilter, Outcome } from '../../call-event.ts';
import { encodeErrorResponse } from '../../encode-error.ts';
import { encodeChange, encodeLog, encodeProgress } from '../../encode-event.ts';
import { encodeResultResponse, resultText, spliceMembers } from '../../encode-result.ts';
import type { Operation } from '../../operation.ts';
import { questionRequest } from '../../question.ts';
import { RawJson } from '../../raw-json.ts';
import type { Envelope, Revision, ServerIdentity } from '../../revision.ts';
import type { DetailedTask, TaskFacts } from '../../task.ts';
import { META } from './meta-keys.ts';

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['server/discover', 'describe'],
  ['tools/list', 'tools/list'],
  ['tools/call', 'tools/call'],
  ['resources/list', 'resources/list'],
  ['resources/templates/list', 'resources/templates/list'],
  ['resources/read', 'resources/read'],
  ['prompts/list', 'prompts/list'],
  ['prompts/get', 'prompts/get'],
  ['completion/complete', 'completion/complete'],
  ['tasks/get', 'tasks/get'],
  ['tasks/update', 'tasks/update'],
  ['tasks/cancel', 'tasks/cancel'],
  ['subscriptions/listen', 'subscriptions/listen'],
]);

const DATE = '2026-07-28';

/**
 * The stateless revision: no handshake, no session; every result says what kind it is, who made it
 * and how long it may be kept.
 *
 * @param olderDates - the revisions a `server/discover` answer lists after this one
 * @see https://modelcontextprotocol.io/specification/2026-07-28
 */
export function statelessRevision(olderDates: readonly string[]): Revision {
  const supported = [DATE, ...olderDates];
  return {
    date: DATE,
    isStateless: true,
    hasBatches: false,
    primesStreams: false,
    resourceNotFoundCode: RPC.invalidParams,
    operationOf: (method) => OPERATIONS.get(method),
    adaptResult: (_, result) => result,
    encodeEvent,
    encodeOutcome(outcome, envelope, server) {
      switch (outcome.kind) {
        case 'error':
          return encodeErrorResponse(envelope.idText, outcome.error);
        case 'input_required':
          return encodeInputRequired(outcome, envelope, server);
        case 'task':
          return encodeTaskCreated(outcome.task, envelope, server);
        case 'result':
          return encodeResult(outcome, envelope, { server, supported });
      }
    },
  };
}

function subscriptionMeta(envelope: Envelope): string {
  return `"_meta":{"${META.subscriptionId}":${envelope.idText}}`;
}

function encodeEvent(event: CallEvent, envelope: Envelope): string | undefined {
  switch (event.kind) {
    case 'progress':
      return envelope.progressTokenText && encodeProgress(event, envelope.progressTokenText);
    case 'log':
      return encodeLog(event);
    case 'acknowledged':
      return encodeAcknowledged(event.filter, envelope);
    case 'change':
      return encodeChange(event.change, subscriptionMeta(envelope));
    case 'task':
      return encodeTaskStatus(event.task, envelope);
    default:
      return undefined;
  }
}

function encodeAcknowledged(filter: ChangeFilter, envelope: Envelope): string {
  const params = `{${subscriptionMeta(envelope)},"notifications":${toJson(filter)}}`;
  return `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":${params}}`;
}

function encodeTaskStatus(task: DetailedTask, envelope: Envelope): string {
  const params = spliceMembers(subscriptionMeta(envelope), taskText(task));
  return `{"jsonrpc":"2.0","method":"notifications/tasks","params":${params}}`;
}

function taskText({ result, ...facts }: DetailedTask): string {
  if (!(result instanceof RawJson)) return toJson({ ...facts, result });
  return spliceMembers(`"result":${result.text}`, toJson(facts));
}

function encodeTaskCreated(task: TaskFacts, envelope: Envelope, server: ServerIdentity): string {
  const members = `"resultType":"task",${identityMember(server)}`;
  return encodeResultResponse(envelope.idText, spliceMembers(members, toJson(task)));
}

interface ServerFacts {
  readonly server: ServerIdentity;
  readonly supported: readonly string[];
}

const identityTexts = new WeakMap<ServerIdentity, string>();

/** The server's name, made once per server: it is part of every single result. */
function identityMember(server: ServerIdentity): string {
  let text = identityTexts.get(server);
  if (text === undefined) {
    text = `"_meta":{"${META.serverInfo}":${toJson(server)}}`;
    identityTexts.set(server, text);
  }
  return text;
}

function leadingMembers(server: ServerIdentity): string {
  return `"resultType":"complete",${identityMember(server)}`;
}

type InputRequired = Extract<Outcome, { kind: 'input_required' }>;

function encodeInputRequired(
  { questions, requestState }: InputRequired,
  envelope: Envelope,
  server: ServerIdentity,
): string {
  const asked = Object.entries(questions).map(([key, question]) => [
    key,
    questionRequest(question),
  ]);
  const inputRequests = asked.length > 0 ? Object.fromEntries(asked) : undefined;
  const members = `"resultType":"input_required",${identityMember(server)}`;
  const text = spliceMembers(members, toJson({ inputRequests, requestState }));
  return encodeResultResponse(envelope.idText, text);
}

function cacheMembers(cache: CacheHint | undefined): string {
  return cache === undefined ? '' : `,"ttlMs":${cache.ttlMs},"cacheScope":"${cache.scope}"`;
}

type ResultOutcome = Extract<Outcome, { kind: 'result' }>;

function encodeResult(outcome: ResultOutcome, envelope: Envelope, facts: ServerFacts): string {
  const { result, cache } = outcome;
  if (envelope.operation === 'describe') {
    return encodeDiscovery(result, envelope, { cache, ...facts });
  }
  if (envelope.operation === 'subscriptions/listen' || Object.hasOwn(result, '_meta')) {
    return encodeWithMeta(outcome, envelope, facts.server);
  }
  const members = leadingMembers(facts.server) + cacheMembers(cache);
  return encodeResultResponse(envelope.idText, spliceMembers(members, resultText(result)));
}

function encodeDiscovery(
  result: JsonObject,
  envelope: Envelope,
  facts: ServerFacts & { cache: CacheHint | undefined },
): string {
  const supported = `,"supportedVersions":${toJson(facts.supported)}`;
  const members = leadingMembers(facts.server) + supported + cacheMembers(facts.cache);
  return encodeResultResponse(envelope.idText, spliceMembers(members, resultText(result)));
}

/** The slow path: `_meta` of the result and of the protocol have to be merged. */
function encodeWithMeta(
  outcome: ResultOutcome,
  envelope: Envelope,
  server: ServerIdentity,
): string {
  const { _meta, ...rest } = outcome.result;
  const isListen = envelope.operation === 'subscriptions/listen';
  const meta = toJson({ ...(_meta as JsonObject | undefined), [META.serverInfo]: server });
  const tagged = isListen ? spliceMembers(subscriptionIdMember(envelope), meta) : meta;
  const members = `"resultType":"complete","_meta":${tagged}${cacheMembers(outcome.cache)}`;
  return encodeResultResponse(envelope.idText, spliceMembers(members, toJson(rest)));
}

function subscriptionIdMember(envelope: Envelope): string {
  return `"${META.subscriptionId}":${envelope.idText}`;
}
