import type { JsonObject } from '../base/json.ts';
import { TASKS_EXTENSION } from './task.ts';

/** Which kinds of things a server has something of. */
export interface Offering {
  readonly tools: boolean;
  readonly resources: boolean;
  readonly prompts: boolean;
  readonly completions: boolean;
  /** Whether a call may become a task. */
  readonly tasks: boolean;
}

/** The capability object of a server, in the form all revisions since 2024-11-05 share. */
export function capabilitiesOf(offering: Offering): JsonObject {
  return {
    logging: {},
    ...(offering.tools && { tools: { listChanged: true } }),
    ...(offering.resources && { resources: { subscribe: true, listChanged: true } }),
    ...(offering.prompts && { prompts: { listChanged: true } }),
    ...(offering.completions && { completions: {} }),
    ...(offering.tasks && { extensions: { [TASKS_EXTENSION]: {} } }),
  };
}
