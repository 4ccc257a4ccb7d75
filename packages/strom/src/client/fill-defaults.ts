import { isJsonObject, ownValue } from '../base/json.ts';
import type { ElicitRequestFormParams, ElicitResult } from '../protocol/spec/2026-07-28.ts';

type FormContent = NonNullable<ElicitResult['content']>;

/** Completes an accepted form: fields the user left out get the default of the schema. */
export function fillDefaults(form: ElicitRequestFormParams, answer: ElicitResult): ElicitResult {
  if (answer.action !== 'accept') return answer;
  const content = answer.content ?? {};
  const properties = isJsonObject(form.requestedSchema)
    ? ownValue(form.requestedSchema, 'properties')
    : undefined;
  if (!isJsonObject(properties)) return answer;
  const defaults = Object.entries(properties).flatMap(([name, schema]) => {
    const fallback = isJsonObject(schema) ? ownValue(schema, 'default') : undefined;
    return fallback === undefined || Object.hasOwn(content, name) ? [] : [[name, fallback]];
  });
  // fromEntries defines properties: a field called `__proto__` stays a field.
  const filled = Object.fromEntries([...defaults, ...Object.entries(content)]) as FormContent;
  return { ...answer, content: filled };
}
