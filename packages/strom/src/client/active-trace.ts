import { context, propagation } from '@opentelemetry/api';

/**
 * The trace a request is sent in, as members of its `_meta`; nothing where no SDK is registered.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#meta
 */
export function activeTrace(): Record<string, string> {
  const members: Record<string, string> = {};
  propagation.inject(context.active(), members);
  return members;
}
