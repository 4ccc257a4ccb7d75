import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import type { ClientFacts } from './operation.ts';
import type { ClientCapabilities } from './spec/2026-07-28.ts';

/** Longer than any name; what is kept, counted and logged by a name must not grow with it. */
const MAX_CHARS = 256;

function text(object: JsonObject, key: string): string | undefined {
  const value = ownValue(object, key);
  return typeof value === 'string' && value.length <= MAX_CHARS ? value : undefined;
}

/** What a client said of itself, with everything of the wrong type, and every overlong name, left out. */
export function clientFacts(info: unknown, capabilities: unknown): ClientFacts {
  const self = isJsonObject(info) ? info : {};
  return {
    name: text(self, 'name'),
    version: text(self, 'version'),
    capabilities: isJsonObject(capabilities) ? (capabilities as ClientCapabilities) : {},
  };
}
