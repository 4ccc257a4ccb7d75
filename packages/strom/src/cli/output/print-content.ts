import type { CallToolResult } from '../../protocol/spec/2026-07-28.ts';
import { usageError } from '../cli-error.ts';
import type { LiveView } from '../live/live-view.ts';
import { type Piece, pieceOf, repeats, structureOf } from './content-text.ts';
import type { DataOutput } from './data-output.ts';

export interface PrintOptions {
  readonly out: DataOutput;
  /** Where a note about content that is not printed goes. */
  readonly view: Pick<LiveView, 'note'>;
  /** Prints everything exactly as it is, without line ends of our own. */
  readonly isRaw: boolean;
}

/** Prints the content of a successful result: its texts, or its structure where that says more. */
export async function printToolResult(
  result: CallToolResult,
  options: PrintOptions,
): Promise<void> {
  const pieces = result.content.map(pieceOf);
  const structure = structureOf(result);
  const texts = pieces.filter((piece) => piece.kind === 'text').map(({ text }) => text);
  if (structure !== undefined && !options.isRaw && repeats(texts, structure)) {
    await options.out.json(structure, 'pretty');
    await printPieces(
      pieces.filter((piece) => piece.kind === 'binary'),
      options,
    );
    return;
  }
  await printPieces(pieces, options);
}

/** @throws {CliError} `usage` when bytes would go to a terminal */
export async function printPieces(
  pieces: readonly Piece[],
  { out, view, isRaw }: PrintOptions,
): Promise<void> {
  if (isRaw && out.isTerminal && pieces.some(({ kind }) => kind === 'binary')) {
    throw usageError('the content is binary and would garble the terminal', 'Add > file.');
  }
  for (const piece of pieces) {
    if (piece.kind === 'text') await (isRaw ? out.bytes(piece.text) : out.text(piece.text));
    else if (isRaw) await out.bytes(piece.bytes());
    else view.note(`${piece.note} (--raw writes it, --json shows it)`);
  }
}
