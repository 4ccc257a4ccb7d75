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
  /** What was wrong with answers that did not fit, by the keys they were given under. */
  misfits?: Record<string, string>;
  /** What the handler kept by itself. */
  checkpoint?: unknown;
  idempotencyKey?: string;
}

const STEP = 'step:';
const MISFIT = 'misfit:';
const CHECKPOINT = 'checkpoint';
const KEY = 'key';

export function emptyMemory(): CallMemory {
  return { steps: {} };
}

/** The name under which a step is kept beyond the process. */
export function stepName(name: string): string {
  return STEP + name;
}

/** The name under which it is kept that an answer did not fit. */
export function misfitName(key: string): string {
  return MISFIT + key;
}

export const CHECKPOINT_NAME = CHECKPOINT;

/** A memory as texts by name, in which form it outlives the process. */
export function memoryTexts(memory: CallMemory): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(memory.steps)) texts[stepName(name)] = toJson(value);
  for (const [key, why] of Object.entries(memory.misfits ?? {}))
    texts[misfitName(key)] = toJson(why);
  if (memory.checkpoint !== undefined) texts[CHECKPOINT] = toJson(memory.checkpoint);
  if (memory.idempotencyKey !== undefined) texts[KEY] = toJson(memory.idempotencyKey);
  return texts;
}

export function memoryOf(texts: Readonly<Record<string, string>>): CallMemory {
  const memory = emptyMemory();
  for (const [name, text] of Object.entries(texts)) {
    if (name.startsWith(STEP)) memory.steps[name.slice(STEP.length)] = JSON.parse(text);
    else if (name.startsWith(MISFIT)) {
      memory.misfits = { ...memory.misfits, [name.slice(MISFIT.length)]: JSON.parse(text) };
    } else if (name === CHECKPOINT) memory.checkpoint = JSON.parse(text);
    else if (name === KEY) memory.idempotencyKey = JSON.parse(text) as string;
  }
  return memory;
}
