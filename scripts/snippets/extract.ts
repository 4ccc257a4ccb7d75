/** One piece of TypeScript in a document. */
export interface Snippet {
  /** The document, relative to the repository. */
  readonly file: string;
  /** The line of its first line of code, counted from 1. */
  readonly line: number;
  readonly code: string;
}

/** In Markdown a fence starts a line; in a doc comment a star stands before it. */
const FENCE = /^(?<lead>\s*(?:\*\s)?\s*)```(?<language>\w*)\s*$/;

/**
 * The fenced `ts` blocks of a Markdown document or of the doc comments of a module.
 *
 * @throws {Error} for a fence that is never closed
 */
export function extractSnippets(file: string, text: string): readonly Snippet[] {
  const found: Snippet[] = [];
  let open: { language: string; lead: number; line: number; code: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const groups = FENCE.exec(line)?.groups;
    if (open !== undefined && groups === undefined) {
      open.code.push(line.slice(open.lead));
    } else if (open !== undefined) {
      if (open.language === 'ts') {
        found.push({ file, line: open.line, code: `${open.code.join('\n')}\n` });
      }
      open = undefined;
    } else if (groups !== undefined) {
      const { lead = '', language = '' } = groups;
      open = { language, lead: lead.length, line: index + 2, code: [] };
    }
  }
  if (open !== undefined) throw new Error(`${file}:${open.line - 1}: a fence is never closed`);
  return found;
}
