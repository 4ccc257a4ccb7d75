import type { Call } from '../calls/call.ts';
import { Context } from './context.ts';
import { Interview } from './interview.ts';
import type { RoundKeeper, RoundState } from './round-state.ts';

/**
 * The context of a call. A call that brings a state back has it checked before its handler runs.
 *
 * @throws {StromError} `ERR_REQUEST_STATE` when the state was not made here for this request
 */
export function openContext(call: Call, keeper: RoundKeeper): Context | Promise<Context> {
  if (call.request.requestState === undefined) return contextOf(call, keeper);
  return keeper.open(call.request).then((past) => contextOf(call, keeper, past));
}

function contextOf(call: Call, keeper: RoundKeeper, past?: RoundState): Context {
  let interview: Interview | undefined;
  return new Context(call, () => {
    interview ??= new Interview(call, keeper, past);
    return interview;
  });
}
