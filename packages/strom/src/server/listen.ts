import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import type { ChangeFilter } from '../protocol/call-event.ts';
import { checkWatchedUris } from '../protocol/watched-uris.ts';

const FLAGS = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const;

/**
 * The filter a `subscriptions/listen` request asks for; what is not known here, or not for this
 * caller, is left out, as the acknowledgment then shows.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions#notification-filter
 * @throws {StromError} `ERR_INVALID_PARAMS` for a malformed filter
 */
export function listenFilter(
  params: JsonObject,
  isVisible: (uri: string) => boolean,
): ChangeFilter {
  const notifications = ownValue(params, 'notifications');
  if (!isJsonObject(notifications)) {
    throw publicError('ERR_INVALID_PARAMS', 'notifications must be an object');
  }
  const filter: Record<string, unknown> = {};
  for (const flag of FLAGS) {
    if (ownValue(notifications, flag) === true) filter[flag] = true;
  }
  const uris = ownValue(notifications, 'resourceSubscriptions');
  if (uris !== undefined) filter['resourceSubscriptions'] = resourceUris(uris).filter(isVisible);
  return filter;
}

function resourceUris(uris: unknown): readonly string[] {
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) {
    throw publicError('ERR_INVALID_PARAMS', 'resourceSubscriptions must be a list of URIs');
  }
  checkWatchedUris(uris);
  return uris;
}
