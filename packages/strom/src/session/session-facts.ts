import { isJsonObject, type JsonObject, ownValue, toJson } from '../base/json.ts';
import { isLogLevel, type LogLevel } from '../base/log-level.ts';
import { clientFacts } from '../protocol/client-facts.ts';
import type { ClientFacts } from '../protocol/operation.ts';

/** What a session has come to, as far as another process needs it to go on. */
export interface Agreement {
  /** The date of the revision. */
  readonly revision: string;
  readonly client: ClientFacts;
  readonly logLevel: LogLevel;
  /** URIs of the resources whose changes the client wants to hear of. */
  readonly subscriptions: readonly string[];
}

/** What a store keeps of a session, as JSON. */
export interface SessionFacts extends Agreement {
  /** The process that opened it. */
  readonly opener: string;
}

export function writeFacts(facts: SessionFacts): string {
  return toJson(facts);
}

/** @returns `undefined` for what no version of this library has written */
export function readFacts(text: string): SessionFacts | undefined {
  const facts = parse(text);
  const { revision, opener, logLevel, subscriptions, client } = facts ?? {};
  if (typeof revision !== 'string' || typeof opener !== 'string') return undefined;
  if (!isLogLevel(logLevel) || !Array.isArray(subscriptions) || !isJsonObject(client)) {
    return undefined;
  }
  return {
    revision,
    opener,
    logLevel,
    subscriptions: subscriptions.filter((uri) => typeof uri === 'string'),
    client: clientFacts(client, ownValue(client, 'capabilities')),
  };
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // A record that cannot be read is a session nobody can go on with.
    return undefined;
  }
}
