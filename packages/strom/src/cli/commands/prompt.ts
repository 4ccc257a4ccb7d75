import { parsePairs } from '../arguments/parse-pairs.ts';
import { usageError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import type { ConnectionFlags } from '../connection-flags.ts';
import { type Piece, pieceOf } from '../output/content-text.ts';
import { printPieces } from '../output/print-content.ts';
import { splitWords } from '../split-words.ts';
import { withClient } from '../with-client.ts';

export interface PromptWords {
  readonly words: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly flags: ConnectionFlags;
}

/** `strom prompt`: the messages of one prompt. */
export async function runPrompt(
  run: CommandRun,
  { words, command, flags }: PromptWords,
): Promise<void> {
  const { word, name, rest } = splitWords(words, command);
  if (name === undefined) {
    throw usageError('no prompt is given', 'strom list shows what the server has.');
  }
  const args = readTexts(rest);
  await withClient(run, { word, command, flags }, async (client) => {
    const { view, out, interrupt } = run;
    const result = await client.getPrompt(name, args, { signal: interrupt.signal });
    if (flags.json) return out.json(result, 'pretty');
    const pieces = result.messages.map(({ role, content }) => spoken(role, pieceOf(content)));
    return printPieces(pieces, { out, view, isRaw: false });
  });
}

/** Arguments of prompts are always text. */
function readTexts(words: readonly string[]): Record<string, string> {
  const entries = [...parsePairs(words)].map(([name, value]) => {
    if (value.kind === 'text' && value.texts.length === 1) return [name, value.texts[0] ?? ''];
    throw usageError(`the argument ${name} must be one text`, 'Write name=text.');
  });
  return Object.fromEntries(entries);
}

function spoken(role: string, piece: Piece): Piece {
  return piece.kind === 'text' ? { ...piece, text: `${role}: ${piece.text}` } : piece;
}
