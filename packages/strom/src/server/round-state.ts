/**
 * What a call remembers from round to round, and the binding that keeps it from being used for
 * anything else.
 *
 * @module
 */
import { canonicalJson } from '../base/canonical-json.ts';
import type { JsonObject } from '../base/json.ts';
import type { OperationRequest } from '../protocol/operation.ts';
import type { Question } from '../protocol/question.ts';
import { type CallMemory, emptyMemory } from './call-memory.ts';
import type { StateSealer } from './state-sealer.ts';

export interface AskedBefore {
  readonly key: string;
  readonly digest: string;
}

export interface RoundState extends CallMemory {
  readonly answers: Record<string, JsonObject>;
  /** In the order of asking. */
  readonly asked: AskedBefore[];
  /** The task that does the work, where the rounds only wait for it. */
  taskId?: string;
  /** Rounds that only waited for it. */
  waits?: number;
}

export function emptyRound(memory: CallMemory = emptyMemory()): RoundState {
  return { ...memory, answers: {}, asked: [] };
}

/** Tells two questions apart; no secret rests on it. */
export function questionDigest(question: Question): string {
  let hash = 0x811c9dc5;
  for (const char of canonicalJson(question)) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/** Keeps the state of a call between its rounds, in the hands of the client. */
export class RoundKeeper {
  #sealer: StateSealer;

  constructor(sealer: StateSealer) {
    this.#sealer = sealer;
  }

  /** States sealed before cannot be opened any more. */
  replaceSealer(sealer: StateSealer): void {
    this.#sealer = sealer;
  }

  seal(request: OperationRequest, state: RoundState): Promise<string> {
    return this.#sealer.seal({ ...state }, binding(request));
  }

  /**
   * The state a request brings back; empty when it brings none.
   *
   * @throws {StromError} `ERR_REQUEST_STATE` when it was not made here for this request
   */
  async open(request: OperationRequest): Promise<RoundState> {
    if (request.requestState === undefined) return emptyRound();
    const state = await this.#sealer.open(request.requestState, binding(request));
    return state as unknown as RoundState;
  }
}

function binding(request: OperationRequest): string {
  const { name, uri, arguments: args } = request.params;
  return canonicalJson([request.principal.id, request.operation, name, uri, args]);
}
