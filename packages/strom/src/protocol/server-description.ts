import type { JsonObject } from '../base/json.ts';
import type { ServerIdentity } from './revision.ts';

/** What a server offers, as the core tells it; each revision writes its own form of it. */
export interface ServerDescription {
  readonly identity: ServerIdentity;
  readonly capabilities: {
    readonly tools: boolean;
    readonly resources: boolean;
    readonly prompts: boolean;
    readonly completions: boolean;
  };
  /** Natural-language guidance for a model on how to use the server. */
  readonly instructions: string | undefined;
}

/** The capability object of a description, in the form all revisions since 2024-11-05 share. */
export function capabilitiesOf(description: ServerDescription): JsonObject {
  const { tools, resources, prompts, completions } = description.capabilities;
  return {
    logging: {},
    ...(tools && { tools: { listChanged: true } }),
    ...(resources && { resources: { subscribe: true, listChanged: true } }),
    ...(prompts && { prompts: { listChanged: true } }),
    ...(completions && { completions: {} }),
  };
}
