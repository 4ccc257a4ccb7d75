/**
 * What a call remembers of its own work: the values of its steps, its last checkpoint, and the key
 * by which others know it. It comes back with the next round of the call, and after a crash.
 *
 * @module
 */
import { toJson } from '../base/json.ts';

export interface CallMemory {
  /** Values of steps by their names, as they come back from JSON. */
  readonly steps: Record<string, unknown>;
  /** What the handler kept by itself. */
  checkpoint?: unknown;
  idempotencyKey?: string;
}

const STEP = 'step:';
const CHECKPOINT = 'checkpoint';
const KEY = 'key';

export function emptyMemory(): CallMemory {
  return { steps: {} };
}

/** The name under which a step is kept beyond the process. */
export function stepName(name: string): string {
  return STEP + name;
}

export const CHECKPOINT_NAME = CHECKPOINT;

/** A memory as texts by name, in which form it outlives the process. */
export function memoryTexts(memory: CallMemory): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(memory.steps)) texts[stepName(name)] = toJson(value);
  if (memory.checkpoint !== undefined) texts[CHECKPOINT] = toJson(memory.checkpoint);
  if (memory.idempotencyKey !== undefined) texts[KEY] = toJson(memory.idempotencyKey);
  return texts;
}

export function memoryOf(texts: Readonly<Record<string, string>>): CallMemory {
  const memory = emptyMemory();
  for (const [name, text] of Object.entries(texts)) {
    if (name.startsWith(STEP)) memory.steps[name.slice(STEP.length)] = JSON.parse(text);
    else if (name === CHECKPOINT) memory.checkpoint = JSON.parse(text);
    else if (name === KEY) memory.idempotencyKey = JSON.parse(text) as string;
  }
  return memory;
}
