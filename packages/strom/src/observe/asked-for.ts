import { ownValue } from '../base/json.ts';
import { OTHER } from '../base/name-census.ts';
import type { WatchedRequest } from '../calls/observer.ts';
import { isMethod } from '../protocol/revisions/catalog.ts';

/** What there is to be called; what callers make up may be anything, and is told to nobody. */
export interface KnownNames {
  hasTool(name: string): boolean;
  hasPrompt(name: string): boolean;
}

/** What a request was for, as far as it exists. */
export interface Asked {
  readonly method: string;
  /** The tool or prompt. What a resource is called may be somebody's secret. */
  readonly target: string | undefined;
}

export function askedFor({ method, params }: WatchedRequest, names: KnownNames): Asked {
  if (!isMethod(method)) return { method: OTHER, target: undefined };
  if (method !== 'tools/call' && method !== 'prompts/get') return { method, target: undefined };
  const name = ownValue(params, 'name');
  if (typeof name !== 'string') return { method, target: undefined };
  const exists = method === 'prompts/get' ? names.hasPrompt(name) : names.hasTool(name);
  return { method, target: exists ? name : OTHER };
}
