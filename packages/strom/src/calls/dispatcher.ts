import type { OperationRequest } from '../protocol/operation.ts';
import type { ServerIdentity } from '../protocol/revision.ts';
import type { Call } from './call.ts';
import type { CallView } from './call-view.ts';

/** What transports hand requests to. Implemented by the server core, which knows no transport. */
export interface Dispatcher {
  readonly identity: ServerIdentity;
  /** Whether it takes no new calls any more. */
  readonly isShuttingDown: boolean;
  /** Whether it takes no new calls for the moment. */
  readonly isOverloaded: boolean;
  /** Starts a call. Everything it says, errors included, reaches `view`. Never throws. */
  dispatch(request: OperationRequest, view: CallView): Call;
}
