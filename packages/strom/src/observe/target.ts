import { ownValue } from '../base/json.ts';
import type { WatchedRequest } from '../calls/observer.ts';
import { OTHER } from './bounded-labels.ts';

/** Errors whose target does not exist, or whose method does not. */
const MADE_UP = new Set(['ERR_UNKNOWN_TOOL', 'ERR_UNKNOWN_PROMPT', 'ERR_METHOD_NOT_FOUND']);
const MADE_UP_METHOD = 'ERR_METHOD_NOT_FOUND';

/** What a request was for, as far as it exists: what callers make up may be anything, and is told to nobody. */
export interface Asked {
  readonly method: string;
  readonly target: string | undefined;
}

/** @param errorType - how the request ended, if it failed */
export function askedFor(request: WatchedRequest, errorType: string | undefined): Asked {
  const target = targetOf(request);
  return {
    method: errorType === MADE_UP_METHOD ? OTHER : request.method,
    target: target !== undefined && MADE_UP.has(errorType ?? '') ? OTHER : target,
  };
}

/** The tool or prompt a request is for. What a resource is called may be somebody's secret. */
export function targetOf({ method, params }: WatchedRequest): string | undefined {
  if (method !== 'tools/call' && method !== 'prompts/get') return undefined;
  const name = ownValue(params, 'name');
  return typeof name === 'string' ? name : undefined;
}
