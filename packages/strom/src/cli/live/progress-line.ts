import type { LiveProgress } from './live-view.ts';
import type { Palette } from './palette.ts';
import { fitLine, plainLine, widthOf } from './terminal-text.ts';

const BAR_COLUMNS = 24;
const DONE = '━';
const LEFT = '─';
/** Narrower terminals get the figures and no bar. */
const LEAST_COLUMNS_FOR_BAR = 60;

/** What is known about work at one moment. */
export interface WorkState {
  readonly label: string;
  readonly update: LiveProgress | undefined;
  readonly elapsedMs: number;
  /** The first character of the line: a spinner, or a mark when all is over. */
  readonly mark: string;
}

/** The done part of the whole, between 0 and 1; `undefined` when there is no whole. */
function shareOf(update: LiveProgress | undefined): number | undefined {
  if (update?.total === undefined || !(update.total > 0)) return undefined;
  return Math.min(1, Math.max(0, update.progress / update.total));
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/** `  3/12  25%`, or `  3` when nobody knows how much there is; nothing for work that only talks. */
function figuresOf(update: LiveProgress): string {
  const share = shareOf(update);
  const { progress, total = 0, message } = update;
  if (share !== undefined) {
    return `  ${figure(progress)}/${figure(total)}  ${Math.floor(share * 100)}%`;
  }
  return progress === 0 && message !== undefined ? '' : `  ${figure(progress)}`;
}

/** `0:04`, `12:30`, `1:02:03`. */
function formatElapsed(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000));
  const pad = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const tail = `:${pad(seconds % 60)}`;
  if (minutes < 60) return `${minutes}${tail}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}${tail}`;
}

/** `0.6 s` below a minute, then as {@link formatElapsed}. */
export function formatTaken(elapsedMs: number): string {
  return elapsedMs < 60_000 ? `${(elapsedMs / 1000).toFixed(1)} s` : formatElapsed(elapsedMs);
}

function bar(share: number, palette: Palette): string {
  const done = Math.round(share * BAR_COLUMNS);
  return palette.accent(DONE.repeat(done)) + palette.faint(LEFT.repeat(BAR_COLUMNS - done));
}

/** The line of the bar view; never wider than `columns`, so that it can be redrawn in place. */
export function formatBarLine(state: WorkState, columns: number, palette: Palette): string {
  const { update } = state;
  const share = shareOf(update);
  const hasBar = share !== undefined && columns >= LEAST_COLUMNS_FOR_BAR;
  const figures = update === undefined ? '' : figuresOf(update);
  const head = fitLine(`${state.mark} ${plainLine(state.label)}`, columns);
  const rest = `${figures}  ${formatElapsed(state.elapsedMs)}`;
  const message = update?.message === undefined ? '' : `  ${plainLine(update.message)}`;
  const used = widthOf(head) + (hasBar ? BAR_COLUMNS + 2 : 0);
  const tail = fitLine(rest + message, columns - used);
  return `${head}${hasBar ? `  ${bar(share, palette)}` : ''}${tail}`;
}

/** Progress as a line of its own, for logs and files. */
export function formatProgressLine(label: string, update: LiveProgress): string {
  const message = update.message === undefined ? '' : `  ${plainLine(update.message)}`;
  return `${plainLine(label)}${figuresOf(update)}${message}`;
}
