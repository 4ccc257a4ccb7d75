import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Logger } from '../base/logger.ts';
import type { CallPace } from '../calls/call-pace.ts';
import type { CacheHint } from '../protocol/call-event.ts';
import type { TaskEngine } from '../tasks/task-engine.ts';
import type { ChangeHub } from './change-hub.ts';
import type { Registry } from './registry.ts';
import type { RoundKeeper } from './round-state.ts';

/** What the operations work on. */
export interface Core {
  readonly registry: Registry;
  readonly changes: ChangeHub;
  readonly rounds: RoundKeeper;
  readonly tasks: TaskEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How fast calls may speak whose tool says nothing about it. */
  readonly pace: CallPace | undefined;
  readonly listCache: CacheHint;
  /** The result of `describe`, made once until what it says changes. */
  description(): JsonObject;
}
