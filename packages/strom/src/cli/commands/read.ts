import { usageError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import type { ConnectionFlags } from '../connection-flags.ts';
import { pieceOfResource } from '../output/content-text.ts';
import { printPieces } from '../output/print-content.ts';
import { refuseRest, splitWords } from '../split-words.ts';
import { withClient } from '../with-client.ts';

export interface ReadWords {
  readonly words: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly flags: ConnectionFlags;
}

/** `strom read`: the content of one resource. */
export async function runRead(
  run: CommandRun,
  { words, command, flags }: ReadWords,
): Promise<void> {
  const { word, name: uri, rest } = splitWords(words, command);
  if (uri === undefined) {
    throw usageError('no resource is given', 'strom list shows what the server has.');
  }
  refuseRest(rest);
  await withClient(run, { word, command, flags }, async (client) => {
    const { view, out, interrupt } = run;
    const result = await client.readResource(uri, { signal: interrupt.signal });
    if (flags.json) return out.json(result, 'pretty');
    const pieces = result.contents.map(pieceOfResource);
    return printPieces(pieces, { out, view, isRaw: flags.raw === true });
  });
}
