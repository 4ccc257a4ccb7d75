import { StromError } from '../../base/strom-error.ts';

/** @see https://www.sqlite.org/rescode.html */
const CODE = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

const MEANING: Readonly<Record<number, string>> = {
  [CODE.busy]: 'another process keeps the file busy',
  [CODE.locked]: 'another process keeps the file busy',
  [CODE.readOnly]: 'the file cannot be written to',
  [CODE.ioError]: 'the disk failed',
  [CODE.corrupt]: 'the file is damaged',
  [CODE.full]: 'the disk is full',
  [CODE.cannotOpen]: 'the file cannot be opened',
  [CODE.notADatabase]: 'the file is damaged, or no SQLite database',
};

/** The primary result code of SQLite; `undefined` when an error is none of its own. */
function codeOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : undefined;
}

/** Whether the same may succeed when another connection has finished. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === CODE.busy || code === CODE.locked;
}

/** What a caller of the store gets for an error of SQLite or the file system. */
export function storeError(cause: unknown): StromError {
  if (cause instanceof StromError) return cause;
  const { message, code } = cause as NodeJS.ErrnoException;
  const meaning = MEANING[codeOf(cause) ?? -1] ?? code ?? 'SQLite failed';
  return new StromError('ERR_STORE', `${meaning}: ${message}`, { cause });
}
