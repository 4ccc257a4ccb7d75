import type { Call } from '../calls/call.ts';
import { Context, type WorkFacts } from './context.ts';
import { Interview } from './interview.ts';
import type { RoundKeeper, RoundState } from './round-state.ts';

/** What a handler is run with. */
export interface Opened {
  readonly context: Context;
  /** Made when it is first needed: most calls neither ask nor take steps. */
  readonly interview: () => Interview;
}

/** What is known of the work when it begins. */
export interface Beginning {
  /** What was done in earlier rounds or attempts. */
  readonly past?: RoundState | undefined;
  readonly work?: WorkFacts;
}

const ONE_ATTEMPT: WorkFacts = { attempt: 1, detach: () => Promise.resolve() };
const NEW_WORK: Beginning = {};

/**
 * The context of a call. A call that brings a state back has it checked before its handler runs.
 *
 * @throws {StromError} `ERR_REQUEST_STATE` when the state was not made here for this request
 */
export function openContext(call: Call, keeper: RoundKeeper): Context | Promise<Context> {
  const past = pastOf(call, keeper);
  if (past === undefined) return openWork(call, keeper, NEW_WORK).context;
  return past.then((state) => openWork(call, keeper, { past: state }).context);
}

/** What a call has done in earlier rounds; `undefined` in the first. */
export function pastOf(call: Call, keeper: RoundKeeper): Promise<RoundState> | undefined {
  return call.request.requestState === undefined ? undefined : keeper.open(call.request);
}

export function openWork(
  call: Call,
  keeper: RoundKeeper,
  { past, work = ONE_ATTEMPT }: Beginning,
): Opened {
  let made: Interview | undefined;
  const interview = (): Interview => (made ??= new Interview(call, keeper, past));
  return { context: new Context(call, interview, work), interview };
}
