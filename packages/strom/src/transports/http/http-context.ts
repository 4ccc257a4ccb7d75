import type { CallerQuota } from '../../base/caller-quota.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Dispatcher } from '../../calls/dispatcher.ts';
import type { Gatekeeper } from '../../security/gatekeeper.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { HttpObserve } from './observe-http.ts';
import type { StreamBounds } from './open-outbox.ts';
import type { SessionKeeper } from './session-keeper.ts';
import type { SessionTable } from './session-table.ts';
import type { ToolDirectory } from './tool-directory.ts';

/** What all endpoints of one server share. */
export interface HttpContext {
  readonly dispatcher: Dispatcher;
  readonly tools: ToolDirectory;
  readonly sessions: SessionTable;
  /** Keeps sessions beyond the process; absent without a store. */
  readonly keeper: SessionKeeper | undefined;
  readonly keepAlive: KeepAlive;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly streamLimits: StreamBounds;
  readonly gatekeeper: Gatekeeper;
  /** Counts the streams that answer no call. */
  readonly openStreams: CallerQuota;
  readonly maxBodyBytes: number;
  /** What is told of every request, where anybody wants to know. */
  readonly observe: HttpObserve | undefined;
}

/** The part of it that sessions need. */
export type SessionContext = Omit<HttpContext, 'keeper'>;
