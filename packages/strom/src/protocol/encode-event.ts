/**
 * Notification texts that all revisions share. They are spliced, not stringified as a whole: that
 * is six times cheaper and there is one for every step of every call.
 *
 * @module
 */
import { toJson } from '../base/json.ts';
import type { Change, LogEvent, ProgressEvent } from './call-event.ts';

/** What a log line carries for data that has no JSON form. */
export const NOT_SERIALISABLE = '[not serialisable]';

/** The text of `notifications/progress`; a call lets only finite numbers through. */
export function encodeProgress(event: ProgressEvent, tokenText: string): string {
  const total = event.total === undefined ? '' : `,"total":${event.total}`;
  const message = event.message === undefined ? '' : `,"message":${JSON.stringify(event.message)}`;
  return `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${tokenText},"progress":${event.progress}${total}${message}}}`;
}

/** A log line must never fail the work it reports on. */
function logData(data: unknown): string {
  try {
    return data === undefined ? 'null' : toJson(data);
  } catch {
    // The value has no JSON form; the line is still worth sending.
    return JSON.stringify(NOT_SERIALISABLE);
  }
}

/** The text of `notifications/message`. */
export function encodeLog(event: LogEvent): string {
  const logger = event.logger === undefined ? '' : `,"logger":${JSON.stringify(event.logger)}`;
  return `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"${event.level}"${logger},"data":${logData(event.data)}}}`;
}

const LIST_CHANGED = {
  tools: 'notifications/tools/list_changed',
  prompts: 'notifications/prompts/list_changed',
  resources: 'notifications/resources/list_changed',
} as const;

/**
 * The text of a change notification.
 *
 * @param metaText - `"_meta":{…}` to carry, or an empty string
 */
export function encodeChange(change: Change, metaText: string): string {
  if (change.topic !== 'resource') {
    const params = metaText === '' ? '' : `,"params":{${metaText}}`;
    return `{"jsonrpc":"2.0","method":"${LIST_CHANGED[change.topic]}"${params}}`;
  }
  const meta = metaText === '' ? '' : `${metaText},`;
  return `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{${meta}"uri":${JSON.stringify(change.uri)}}}`;
}
