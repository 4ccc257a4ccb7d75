/**
 * A connection that has found out how to talk to its server.
 *
 * @module
 */
import { type JsonObject, toJson } from '../base/json.ts';
import type { LogLevel } from '../base/log-level.ts';
import { standardHeaders, statelessMeta } from '../protocol/client-envelope.ts';
import { metaOf } from '../protocol/request-meta.ts';
import type {
  ClientCapabilities,
  Implementation,
  ServerCapabilities,
} from '../protocol/spec/2026-07-28.ts';
import { activeTrace } from './active-trace.ts';
import type { EraOption } from './client-options.ts';
import type { Exchange, Outgoing, TransportName } from './exchange.ts';
import type { Switchboard } from './switchboard.ts';

export type Era = Exclude<EraOption, 'auto'>;

/** What is known of the server. Name, version and instructions are its own words. */
export interface ServerFacts {
  readonly name: string;
  readonly version: string;
  readonly title: string | undefined;
  /** Guidance for a model on how to use the server. */
  readonly instructions: string | undefined;
  readonly capabilities: ServerCapabilities;
  /** The date of the protocol revision in use. */
  readonly revision: string;
  readonly era: Era;
  readonly transport: TransportName;
}

export interface Link {
  readonly exchange: Exchange;
  readonly board: Switchboard;
  readonly server: ServerFacts;
}

/** Who this client is and what it can be asked. */
export interface ClientIdentity {
  readonly info: Implementation;
  readonly capabilities: ClientCapabilities;
  /** Extensions of the stateless revision that this client knows, with their settings. */
  readonly extensions: NonNullable<ClientCapabilities['extensions']>;
}

export interface RequestDraft {
  readonly id: number;
  readonly method: string;
  readonly params: JsonObject;
  readonly isStateless: boolean;
  readonly logLevel?: LogLevel | undefined;
  /** Headers that mirror tool arguments. */
  readonly mirrored?: Readonly<Record<string, string>> | undefined;
}

/**
 * Writes a request. Its id is its progress token as well, so progress always finds its way back.
 *
 * @throws {StromError} `ERR_INTERNAL` when the parameters have no JSON form
 */
export function encodeRequest(draft: RequestDraft, identity: ClientIdentity): Outgoing {
  const { id, method, params, isStateless, logLevel } = draft;
  const claims = isStateless ? statelessMeta({ ...claimsOf(identity), logLevel }) : {};
  const _meta = { ...activeTrace(), ...metaOf(params), ...claims, progressToken: id };
  const text = toJson({ jsonrpc: '2.0', id, method, params: { ...params, _meta } });
  const headers = isStateless ? { ...standardHeaders(method, params), ...draft.mirrored } : {};
  return { id, method, text, headers };
}

function claimsOf({ info, capabilities, extensions }: ClientIdentity) {
  const hasExtensions = Object.keys(extensions).length > 0;
  return { info, capabilities: hasExtensions ? { ...capabilities, extensions } : capabilities };
}
