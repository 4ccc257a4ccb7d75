/**
 * What one revision of the protocol knows: its methods, its envelopes, its peculiarities.
 *
 * Everything above this layer speaks in operations, events and outcomes; a revision turns them
 * into message texts. One folder per revision under `revisions/` implements this.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import type { CallEvent, Outcome } from './call-event.ts';
import type { Operation } from './operation.ts';

/** Facts about one request that its messages must repeat. */
export interface Envelope {
  /** `undefined` for what the protocol layer answers itself, such as `ping`. */
  readonly operation: Operation | undefined;
  /** The request id as written; answers echo it byte for byte. */
  readonly idText: string;
  /** The progress token as JSON text; absent when the caller asked for none. */
  readonly progressTokenText: string | undefined;
}

/** Who a server is; repeated where a revision wants it. */
export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly websiteUrl?: string;
}

export interface Revision {
  /** The date that names the revision. */
  readonly date: string;
  /** Every request carries its own facts; there is no handshake and no session. */
  readonly isStateless: boolean;
  /** A POST may carry several messages. */
  readonly hasBatches: boolean;
  /** A stream starts with an empty event whose id lets a client resume it. */
  readonly primesStreams: boolean;
  /** The operation a method asks for, or `undefined` for a method the revision does not have. */
  operationOf(method: string): Operation | undefined;
  /** The message that carries an event; `undefined` for events the revision cannot express. */
  encodeEvent(event: CallEvent, envelope: Envelope): string | undefined;
  /** Leaves out of a result, or rewrites, what clients of the revision would refuse. */
  adaptResult(operation: Operation | undefined, result: JsonObject): JsonObject;
  /** The response that ends a call. */
  encodeOutcome(outcome: Outcome, envelope: Envelope, server: ServerIdentity): string;
  /** The JSON-RPC code this revision gives to an unknown resource. */
  readonly resourceNotFoundCode: number;
}
