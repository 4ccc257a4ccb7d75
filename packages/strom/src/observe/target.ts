import { ownValue } from '../base/json.ts';
import type { WatchedRequest } from '../calls/observer.ts';

/** The tool or prompt a request is for. What a resource is called may be somebody's secret. */
export function targetOf({ method, params }: WatchedRequest): string | undefined {
  if (method !== 'tools/call' && method !== 'prompts/get') return undefined;
  const name = ownValue(params, 'name');
  return typeof name === 'string' ? name : undefined;
}
