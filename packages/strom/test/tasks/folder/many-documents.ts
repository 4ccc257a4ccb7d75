import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const PARAGRAPH = 'The water stood at the lower mark until noon, and rose again after the rain. ';

/** Writes small documents of several kinds in several folders; each holds its own number. */
export async function writeDocuments(folder: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const [extension, content] = documentOf(index);
    const file = path.join(folder, `part-${index % 5}/document-${index}.${extension}`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

function documentOf(index: number): readonly [extension: string, content: string] {
  const title = titleOf(index);
  const text = PARAGRAPH.repeat(1 + (index % 40));
  if (index % 3 === 0) return ['txt', `${title}\n\n${text}`];
  if (index % 3 === 1) return ['html', `<h1>${title}</h1><p>${text}</p>`];
  const rows = Array.from({ length: 1 + (index % 40) }, (_, row) => `${row},${title}\n`);
  return ['csv', `row,title\n${rows.join('')}`];
}

/** Words that only one of the documents has. */
export function titleOf(index: number): string {
  return `Station ${index} of the river`;
}
