import type { LiveMode } from './live-view.ts';

export const PROGRESS_CHOICES = ['auto', 'plain', 'json', 'none'] as const;

export type ProgressChoice = (typeof PROGRESS_CHOICES)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** What decides how a stream is written to. */
export interface StreamFacts {
  readonly isTTY?: boolean;
  /** Node's own judgement of a terminal, which honours `TERM` among others. */
  hasColors?(env: object): boolean;
}

/** Whether lines can be redrawn: a terminal with a person before it. */
function canRedraw(stream: StreamFacts, env: Environment): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb' && !isOn(env['CI']);
}

/** How progress is shown. `CI` turns the bar off even where there is a terminal. */
export function viewMode(choice: ProgressChoice, stream: StreamFacts, env: Environment): LiveMode {
  if (choice !== 'auto') return choice;
  return canRedraw(stream, env) ? 'bar' : 'plain';
}

/**
 * Whether to use colour: `FORCE_COLOR` says so, else `NO_COLOR` forbids it, else a terminal decides.
 *
 * @see https://no-color.org
 * @see https://force-color.org
 */
export function usesColor(stream: StreamFacts, env: Environment): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return stream.isTTY === true && (stream.hasColors?.(env) ?? true);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
