import { LOCAL_PRINCIPAL } from '../../src/base/principal.ts';
import type { CallView } from '../../src/calls/call-view.ts';
import type { CallEvent, Outcome } from '../../src/protocol/call-event.ts';
import type { OperationRequest } from '../../src/protocol/operation.ts';

/** A view that keeps what it is shown, and can make senders wait. */
export class FakeView implements CallView {
  readonly carriesChunks: boolean;
  readonly events: CallEvent[] = [];
  outcome: Outcome | undefined;
  isAbandoned = false;
  /** What `send` returns; set it to make the reader slow. */
  busy: Promise<void> | undefined;

  constructor(carriesChunks = false) {
    this.carriesChunks = carriesChunks;
  }

  send(event: CallEvent): Promise<void> | undefined {
    this.events.push(event);
    return this.busy;
  }

  flush(): void {
    // Events arrive at once here.
  }

  finish(outcome: Outcome): undefined {
    if (this.outcome !== undefined) throw new Error('a view was finished twice');
    this.outcome = outcome;
  }

  abandon(): void {
    this.isAbandoned = true;
  }
}

/** A request of a caller that asks for everything unless told otherwise. */
export function requestFor(over: Partial<OperationRequest> = {}): OperationRequest {
  return {
    operation: 'tools/call',
    params: {},
    principal: LOCAL_PRINCIPAL,
    client: { name: undefined, version: undefined, capabilities: {} },
    logGate: { level: 'debug' },
    wantsProgress: true,
    takesTasks: false,
    trace: undefined,
    ...over,
  };
}
