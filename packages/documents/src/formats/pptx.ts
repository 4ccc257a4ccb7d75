/**
 * Presentations: one section per slide, with its tables and speaker notes.
 *
 * @see ECMA-376 part 1, chapters 19 (PresentationML) and 21 (DrawingML)
 * @module
 */
import type { RootContent } from 'mdast';
import { resolvePart } from '../archive/part-path.ts';
import { descendants, parseXml } from '../archive/xml-tree.ts';
import { openZip, type ZipArchive } from '../archive/zip-archive.ts';
import { ConvertError } from '../base/convert-error.ts';
import { stringifyMarkdown } from '../markdown/stringify-markdown.ts';
import type { Conversion, Source } from './converter.ts';
import { notesToBlocks, slideToBlocks } from './pptx-slide.ts';

const PRESENTATION = 'ppt/presentation.xml';

interface Relation {
  readonly type: string;
  readonly part: string;
}

/** Converts a presentation; `pages` counts its slides. */
export async function convertPptx(source: Source): Promise<Conversion> {
  const archive = openZip(source.bytes, source.limits);
  const slides = slidesInOrder(archive);
  if (slides.length > source.limits.maxPages) {
    throw new ConvertError('too_large', 'The presentation has more slides than the limit allows.');
  }
  const blocks: RootContent[] = [];
  for (const [index, part] of slides.entries()) {
    blocks.push(...slideToBlocks(parseXml(archive.read(part)), index + 1));
    const notes = [...relationsOf(archive, part).values()].find(
      ({ type }) => type === 'notesSlide',
    );
    if (notes && archive.has(notes.part)) {
      blocks.push(...notesToBlocks(parseXml(archive.read(notes.part))));
    }
    await source.onPage(index + 1, slides.length);
  }
  return { markdown: stringifyMarkdown(blocks), pages: slides.length };
}

/** Slide files are numbered by age; only the presentation knows their order. */
function slidesInOrder(archive: ZipArchive): string[] {
  const relations = relationsOf(archive, PRESENTATION);
  const parts: string[] = [];
  for (const slide of descendants(parseXml(archive.read(PRESENTATION)), 'sldId')) {
    const part = relations.get(slide.attributes['r:id'] ?? '')?.part;
    if (part !== undefined && archive.has(part)) parts.push(part);
  }
  return parts;
}

function relationsOf(archive: ZipArchive, part: string): Map<string, Relation> {
  const slash = part.lastIndexOf('/') + 1;
  const path = `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`;
  const relations = new Map<string, Relation>();
  if (!archive.has(path)) return relations;
  for (const { attributes } of descendants(parseXml(archive.read(path)), 'Relationship')) {
    const target = resolvePart(part, attributes['Target'] ?? '');
    const isInside = attributes['TargetMode'] !== 'External';
    if (target === undefined || !isInside) continue;
    const type = (attributes['Type'] ?? '').split('/').at(-1) ?? '';
    relations.set(attributes['Id'] ?? '', { type, part: target });
  }
  return relations;
}
