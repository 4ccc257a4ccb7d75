/**
 * EPUB books: the chapters of the spine, in reading order.
 *
 * @see https://www.w3.org/TR/epub-33/#sec-ocf
 * @module
 */
import type { RootContent } from 'mdast';
import { resolvePart } from '../archive/part-path.ts';
import { descendants, parseXml, type XmlElement } from '../archive/xml-tree.ts';
import { openZip, type ZipArchive } from '../archive/zip-archive.ts';
import { ConvertError } from '../base/convert-error.ts';
import { htmlToBlocks } from '../markdown/html-to-blocks.ts';
import { stringifyMarkdown } from '../markdown/stringify-markdown.ts';
import type { Conversion, Source } from './converter.ts';
import { decodeText } from './decode-text.ts';

const CONTAINER = 'META-INF/container.xml';
const ENCRYPTION = 'META-INF/encryption.xml';

/** Converts a book; `pages` counts its chapters. */
export async function convertEpub(source: Source): Promise<Conversion> {
  const archive = openZip(source.bytes, source.limits);
  const packagePath = findPackage(archive);
  const book = parseXml(archive.read(packagePath));
  const chapters = spineOf(book, packagePath).filter((part) => archive.has(part));
  if (chapters.length === 0) throw new ConvertError('corrupt', 'The book has no chapters.');
  if (chapters.length > source.limits.maxPages) {
    throw new ConvertError('too_large', 'The book has more chapters than the limit allows.');
  }
  refuseEncrypted(archive, chapters);
  const blocks: RootContent[] = titleBlocks(book);
  for (const [index, chapter] of chapters.entries()) {
    blocks.push(...(await htmlToBlocks(decodeText(archive.read(chapter)))));
    await source.onPage(index + 1, chapters.length);
  }
  return { markdown: stringifyMarkdown(blocks), pages: chapters.length };
}

function findPackage(archive: ZipArchive): string {
  const [rootfile] = descendants(parseXml(archive.read(CONTAINER)), 'rootfile');
  const path = rootfile?.attributes['full-path'];
  if (!path) throw new ConvertError('corrupt', 'The book does not say where its package is.');
  return path;
}

function spineOf(book: XmlElement, packagePath: string): string[] {
  const hrefs = new Map<string, string>();
  for (const item of descendants(book, 'item')) {
    const { id, href } = item.attributes;
    const isPage = /html/i.test(item.attributes['media-type'] ?? '');
    if (id && href && isPage) hrefs.set(id, href);
  }
  const parts: string[] = [];
  for (const reference of descendants(book, 'itemref')) {
    const href = hrefs.get(reference.attributes['idref'] ?? '');
    const part = href === undefined ? undefined : resolvePart(packagePath, href);
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

/** Fonts are often obfuscated the same way, which does not stop a reader. */
function refuseEncrypted(archive: ZipArchive, chapters: readonly string[]): void {
  if (!archive.has(ENCRYPTION)) return;
  for (const reference of descendants(parseXml(archive.read(ENCRYPTION)), 'CipherReference')) {
    const part = resolvePart('', reference.attributes['URI'] ?? '');
    if (part !== undefined && chapters.includes(part)) throw new ConvertError('password_protected');
  }
}

function titleBlocks(book: XmlElement): RootContent[] {
  const [title] = descendants(book, 'title');
  const [creator] = descendants(book, 'creator');
  const blocks: RootContent[] = [];
  if (title?.text.trim()) {
    blocks.push({
      type: 'heading',
      depth: 1,
      children: [{ type: 'text', value: title.text.trim() }],
    });
  }
  if (creator?.text.trim()) {
    blocks.push({
      type: 'paragraph',
      children: [{ type: 'emphasis', children: [{ type: 'text', value: creator.text.trim() }] }],
    });
  }
  return blocks;
}
