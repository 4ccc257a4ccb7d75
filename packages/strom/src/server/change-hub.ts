import type { CallerQuota } from '../base/caller-quota.ts';
import { publicError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { Change, ChangeFilter } from '../protocol/call-event.ts';

/**
 * Who wants to hear of which change. Listeners are calls: each gets the changes it asked for as
 * events, until it ends.
 */
export class ChangeHub {
  readonly #listeners = new Map<Call, ChangeFilter>();
  readonly #quota: CallerQuota;

  constructor(quota: CallerQuota) {
    this.#quota = quota;
  }

  /**
   * Acknowledges the filter to the call, then sends it every matching change.
   *
   * @throws {StromError} `ERR_STREAM_LIMIT` when the caller, or all together, listen too often
   */
  listen(call: Call, filter: ChangeFilter): void {
    const { principal } = call.request;
    if (!this.#quota.take(principal)) {
      throw publicError(
        'ERR_STREAM_LIMIT',
        'Too many subscriptions; the settings are maxSubscriptions and maxSubscriptionsPerCaller',
      );
    }
    call.onCleanup(() => this.#quota.release(principal));
    void call.send({ kind: 'acknowledged', filter });
    this.#listeners.set(call, filter);
    call.onCleanup(() => this.#listeners.delete(call));
  }

  /** Tells every listener that asked for it. A slow listener's copy waits in its own stream. */
  publish(change: Change): void {
    for (const [call, filter] of this.#listeners) {
      if (isWanted(change, filter)) void call.send({ kind: 'change', change });
    }
  }

  /** Ends every listening call with its final, graceful result. */
  endAll(): void {
    for (const call of [...this.#listeners.keys()]) call.finish({ kind: 'result', result: {} });
  }
}

function isWanted(change: Change, filter: ChangeFilter): boolean {
  switch (change.topic) {
    case 'tools':
      return filter.toolsListChanged === true;
    case 'prompts':
      return filter.promptsListChanged === true;
    case 'resources':
      return filter.resourcesListChanged === true;
    case 'resource':
      return filter.resourceSubscriptions?.includes(change.uri) === true;
  }
}
