import type { LogLevel } from '../../base/log-level.ts';
import type { LiveLog } from './live-view.ts';
import type { Palette } from './palette.ts';
import { plainLine, plainText } from './terminal-text.ts';

const PAINTS: Readonly<Record<LogLevel, keyof Palette>> = {
  debug: 'faint',
  info: 'accent',
  notice: 'accent',
  warning: 'warning',
  error: 'bad',
  critical: 'bad',
  alert: 'bad',
  emergency: 'bad',
};

/** As wide as `warning`, so that the texts of the usual levels stand below each other. */
const LEVEL_COLUMNS = 7;

/** What log data says to a person: text as it is, anything else as JSON. */
export function textOfData(data: unknown): string {
  if (typeof data === 'string') return data;
  return JSON.stringify(data) ?? 'null';
}

/** A log message for people; further lines of its text are indented below the first. */
export function formatLog({ level, data, logger }: LiveLog, palette: Palette): string {
  const label = palette[PAINTS[level]](level.padEnd(LEVEL_COLUMNS));
  const origin = logger === undefined ? '' : palette.faint(`${plainLine(logger)}: `);
  const indent = ' '.repeat(LEVEL_COLUMNS + 2);
  const text = plainText(textOfData(data)).trimEnd().replaceAll('\n', `\n${indent}`);
  return `${label}  ${origin}${text}`;
}
