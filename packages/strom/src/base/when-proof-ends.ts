import type { Clock, Timer } from './clock.ts';
import type { Principal } from './principal.ts';

/** How late the end of a proof may be noticed. */
const PERIOD_MS = 1_000;

interface Watched {
  readonly expiresAtMs: number;
  readonly listener: () => void;
}

/** Everything that ends at its time, under one timer; calls are too short for one each. */
class ExpiryWatch {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    this.#timer ??= this.#clock.every(PERIOD_MS, () => this.#look());
  }

  delete(watched: Watched): void {
    this.#watched.delete(watched);
  }

  /** The timer is stopped here and not in `delete`, where it would start again with the next call. */
  #look(): void {
    const nowMs = this.#clock.now();
    for (const watched of this.#watched) {
      if (watched.expiresAtMs > nowMs) continue;
      this.#watched.delete(watched);
      watched.listener();
    }
    if (this.#watched.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

const watches = new WeakMap<Clock, ExpiryWatch>();

function watchOf(clock: Clock): ExpiryWatch {
  const known = watches.get(clock) ?? new ExpiryWatch(clock);
  watches.set(clock, known);
  return known;
}

/**
 * Calls `listener` when a caller's proof of identity ends: within a second after it has expired, or
 * as soon as it is known to be taken back. It may be called more than once, and before this function
 * returns.
 *
 * @returns how to stop waiting; `undefined` for a proof without an end
 */
export function whenProofEnds(
  { expiresAtMs, revocation }: Principal,
  clock: Clock,
  listener: () => void,
): Timer | undefined {
  if (expiresAtMs === undefined && revocation === undefined) return undefined;
  const watch = expiresAtMs === undefined ? undefined : watchOf(clock);
  const watched = { expiresAtMs: expiresAtMs ?? 0, listener };
  watch?.add(watched);
  const stopListening = revocation?.listen(listener);
  return {
    cancel() {
      watch?.delete(watched);
      stopListening?.();
    },
  };
}
