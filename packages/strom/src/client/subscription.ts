/**
 * Being told when something changes on the server.
 *
 * @module
 */
import { type JsonObject, ownValue } from '../base/json.ts';
import type { Change } from '../protocol/call-event.ts';
import type { RpcNotification } from '../protocol/message.ts';

/** What to be told about. */
export interface SubscriptionFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  /** URIs of resources whose content matters. */
  readonly resources?: readonly string[];
}

/** Why a subscription is over. */
export type SubscriptionEnd =
  | { readonly reason: 'closed' | 'server' }
  | { readonly reason: 'failed'; readonly error: unknown };

export interface Subscription extends AsyncDisposable {
  /** What the server agreed to tell. */
  readonly granted: SubscriptionFilter;
  /** Settles when nothing more will be told; never rejects. */
  readonly ended: Promise<SubscriptionEnd>;
  close(): Promise<void>;
}

/**
 * Called with each change.
 *
 * After a connection was lost and replaced it is called for everything subscribed to, because what
 * changed in between was not heard.
 */
export type OnChange = (change: Change) => void;

const LIST_TOPICS: ReadonlyMap<string, 'tools' | 'prompts' | 'resources'> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/prompts/list_changed', 'prompts'],
  ['notifications/resources/list_changed', 'resources'],
]);

/** The change a notification tells of, if it is one that does. */
export function toChange({ method, params }: RpcNotification): Change | undefined {
  const topic = LIST_TOPICS.get(method);
  if (topic !== undefined) return { topic };
  if (method !== 'notifications/resources/updated') return undefined;
  const uri = ownValue(params, 'uri');
  return typeof uri === 'string' ? { topic: 'resource', uri } : undefined;
}

/** Whether a filter asks for a change. A part of a resource counts as the resource. */
export function covers(filter: SubscriptionFilter, change: Change): boolean {
  switch (change.topic) {
    case 'tools':
      return filter.toolsListChanged === true;
    case 'prompts':
      return filter.promptsListChanged === true;
    case 'resources':
      return filter.resourcesListChanged === true;
    default:
      return (filter.resources ?? []).some((uri) => change.uri.startsWith(uri));
  }
}

/** Everything a filter covers, as changes. */
export function allChanges(filter: SubscriptionFilter): Change[] {
  const lists = [...LIST_TOPICS.values()].map((topic) => ({ topic }));
  const resources = (filter.resources ?? []).map((uri) => ({ topic: 'resource' as const, uri }));
  return [...lists.filter((change) => covers(filter, change)), ...resources];
}

/** The filter as `subscriptions/listen` writes it. */
export function toWireFilter({ resources, ...lists }: SubscriptionFilter): JsonObject {
  return { ...lists, ...(resources && { resourceSubscriptions: [...resources] }) };
}

/** A filter as the server wrote it back. */
export function fromWireFilter(filter: JsonObject): SubscriptionFilter {
  const uris = ownValue(filter, 'resourceSubscriptions');
  return {
    toolsListChanged: ownValue(filter, 'toolsListChanged') === true,
    promptsListChanged: ownValue(filter, 'promptsListChanged') === true,
    resourcesListChanged: ownValue(filter, 'resourcesListChanged') === true,
    resources: Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : [],
  };
}
