import type { CallerQuota } from '../base/caller-quota.ts';
import type { Clock } from '../base/clock.ts';
import type { Call } from '../calls/call.ts';
import type { Change, ChangeFilter } from '../protocol/call-event.ts';

interface Listener {
  readonly call: Call;
  readonly filter: ChangeFilter;
  /** What has changed since the reader fell behind, each thing once; absent while it keeps up. */
  missed: Map<string, Change> | undefined;
}

/** How long a listener may listen; 0 for as long as it wants. */
interface Life {
  readonly clock: Clock;
  readonly maxMs: number;
}

/**
 * Who wants to hear of which change. Listeners are calls: each gets the changes it asked for as
 * events, until it ends. A reader that falls behind is told of each thing once when it is back.
 */
export class ChangeHub {
  readonly #listeners = new Map<Call, Listener>();
  readonly #quota: CallerQuota;
  readonly #life: Life | undefined;

  constructor(quota: CallerQuota, life?: Life) {
    this.#quota = quota;
    this.#life = life;
  }

  /**
   * Acknowledges the filter to the call, then sends it every matching change.
   *
   * @throws {StromError} `ERR_CALLER_LIMIT`, `ERR_STREAM_LIMIT` when the caller, or all together, listen
   * too often
   */
  listen(call: Call, filter: ChangeFilter): void {
    const { principal } = call.request;
    const refusal = this.#quota.take(principal);
    if (refusal !== undefined) throw refusal;
    call.onCleanup(() => {
      this.#quota.release(principal);
      this.#listeners.delete(call);
    });
    this.#endInTime(call);
    void call.send({ kind: 'acknowledged', filter });
    if (!call.ended) this.#listeners.set(call, { call, filter, missed: undefined });
  }

  #endInTime(call: Call): void {
    const { clock, maxMs } = this.#life ?? {};
    if (clock === undefined || maxMs === undefined || maxMs <= 0) return;
    const end = clock.after(maxMs, () => call.finish({ kind: 'result', result: {} }));
    call.onCleanup(() => end.cancel());
  }

  /** Tells every listener that asked for it. */
  publish(change: Change): void {
    for (const listener of this.#listeners.values()) {
      if (isWanted(change, listener.filter)) this.#tell(listener, change);
    }
  }

  /** Ends every listening call with its final, graceful result. */
  endAll(): void {
    for (const call of [...this.#listeners.keys()]) call.finish({ kind: 'result', result: {} });
  }

  #tell(listener: Listener, change: Change): void {
    if (listener.missed !== undefined) {
      listener.missed.set(keyOf(change), change);
      return;
    }
    const behind = listener.call.send({ kind: 'change', change });
    if (behind === undefined) return;
    listener.missed = new Map();
    // Resolves when the reader is back, and as well when it has gone: then nothing is sent.
    void behind.then(() => this.#catchUp(listener));
  }

  #catchUp(listener: Listener): void {
    const { missed } = listener;
    listener.missed = undefined;
    for (const change of missed?.values() ?? []) this.#tell(listener, change);
  }
}

function keyOf(change: Change): string {
  return change.topic === 'resource' ? `resource ${change.uri}` : change.topic;
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
