/**
 * Subscriptions in the eras with sessions: the server announces list changes to everybody, and
 * changes of a resource to sessions that asked for them.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import type { Change } from '../protocol/call-event.ts';
import type { ServerCapabilities } from '../protocol/spec/2026-07-28.ts';
import type { Connection } from './connection.ts';
import { onAbort } from './on-abort.ts';
import {
  allChanges,
  covers,
  type OnChange,
  type Subscription,
  type SubscriptionEnd,
  type SubscriptionFilter,
  toChange,
} from './subscription.ts';

/** How many subscriptions of one connection need each resource. */
const holders = new WeakMap<Connection, Map<string, number>>();

function holdersOf(connection: Connection): Map<string, number> {
  let counts = holders.get(connection);
  if (counts === undefined) {
    counts = new Map();
    holders.set(connection, counts);
  }
  return counts;
}

async function hold(connection: Connection, uri: string): Promise<void> {
  const counts = holdersOf(connection);
  const count = counts.get(uri) ?? 0;
  counts.set(uri, count + 1);
  if (count > 0) return;
  await connection.request({ method: 'resources/subscribe', params: { uri } });
}

async function letGo(connection: Connection, uri: string): Promise<void> {
  const counts = holdersOf(connection);
  const count = counts.get(uri) ?? 0;
  if (count > 1) {
    counts.set(uri, count - 1);
    return;
  }
  counts.delete(uri);
  if (connection.ended.aborted) return;
  await connection.request({ method: 'resources/unsubscribe', params: { uri } });
}

function grantedBy(
  capabilities: ServerCapabilities,
  wanted: SubscriptionFilter,
): SubscriptionFilter {
  const { tools, prompts, resources } = capabilities;
  return {
    toolsListChanged: wanted.toolsListChanged === true && tools?.listChanged === true,
    promptsListChanged: wanted.promptsListChanged === true && prompts?.listChanged === true,
    resourcesListChanged: wanted.resourcesListChanged === true && resources?.listChanged === true,
    resources: resources?.subscribe === true ? [...new Set(wanted.resources)] : [],
  };
}

/** Opens a subscription on a session. */
export async function subscribeSession(
  connection: Connection,
  wanted: SubscriptionFilter,
  onChange: OnChange,
): Promise<Subscription> {
  const { server, exchange } = await connection.link();
  await exchange.whenListening();
  const granted = grantedBy(server.capabilities, wanted);
  const uris = granted.resources ?? [];
  const stopListening = relay(connection, granted, onChange);
  try {
    for (const uri of uris) await hold(connection, uri);
  } catch (error) {
    stopListening();
    throw error;
  }
  let end: (end: SubscriptionEnd) => void = () => undefined;
  const ended = new Promise<SubscriptionEnd>((resolve) => {
    end = resolve;
  });
  const forgetClient = onAbort(connection.ended, () => end({ reason: 'closed' }));
  let closing: Promise<void> | undefined;
  const closeOnce = async (): Promise<void> => {
    stopListening();
    forgetClient();
    end({ reason: 'closed' });
    for (const uri of uris) await letGo(connection, uri);
  };
  const close = (): Promise<void> => {
    closing ??= closeOnce();
    return closing;
  };
  return { granted, ended, close, [Symbol.asyncDispose]: close };
}

/** Passes on what the filter covers; returns how to stop. */
function relay(
  connection: Connection,
  granted: SubscriptionFilter,
  onChange: OnChange,
): () => void {
  const tell = (change: Change): void => {
    try {
      onChange(change);
    } catch (error) {
      connection.logger.error({ error }, 'a callback threw');
    }
  };
  const onNotification = (notification: Parameters<typeof toChange>[0]): void => {
    const change = toChange(notification);
    if (change !== undefined && covers(granted, change)) tell(change);
  };
  const onReopened = (): void => {
    for (const uri of granted.resources ?? []) void resubscribe(connection, uri);
    for (const change of allChanges(granted)) tell(change);
  };
  connection.notificationListeners.add(onNotification);
  connection.reopenListeners.add(onReopened);
  return () => {
    connection.notificationListeners.delete(onNotification);
    connection.reopenListeners.delete(onReopened);
  };
}

/** A new session knows nothing of the subscriptions of the old one. Never rejects. */
async function resubscribe(connection: Connection, uri: string): Promise<void> {
  try {
    await connection.request({ method: 'resources/subscribe', params: { uri } });
  } catch (error) {
    if (error instanceof StromError && error.code === 'ERR_CLOSED') return;
    connection.logger.warn({ error }, 'a resource could not be subscribed to again');
  }
}
