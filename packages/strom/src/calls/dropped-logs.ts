import type { LogEvent } from '../protocol/call-event.ts';

/** The line that stands for the log lines a slow reader did not get. */
export function droppedLogs(count: number): LogEvent {
  const data = `${count} log lines were dropped because the reader was slow`;
  return { kind: 'log', level: 'warning', data, logger: 'strom' };
}
