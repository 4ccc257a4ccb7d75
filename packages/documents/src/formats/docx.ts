/**
 * Word documents: mammoth reads them into HTML, which becomes Markdown.
 *
 * @module
 */
import mammoth from 'mammoth';
import { repackOffice } from '../archive/repack-office.ts';
import { htmlToBlocks } from '../markdown/html-to-blocks.ts';
import { stringifyMarkdown } from '../markdown/stringify-markdown.ts';
import type { Conversion, Source } from './converter.ts';

const OPTIONS = {
  // Media were left out of the archive; a document must not reach for other files either.
  convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
  externalFileAccess: false,
  includeEmbeddedStyleMap: false,
  styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => h2:fresh"],
};

/** Converts a Word document; images keep only their description. */
export async function convertDocx(source: Source): Promise<Conversion> {
  const buffer = repackOffice(source.bytes, source.limits);
  const html = await mammoth.convertToHtml({ buffer }, OPTIONS);
  return { markdown: stringifyMarkdown(await htmlToBlocks(html.value)) };
}
