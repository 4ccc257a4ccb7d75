/**
 * Finds a document type declaration in raw XML.
 *
 * Office formats forbid DTDs (ECMA-376 part 2, section 9.1.4), and entities are
 * all a DTD could bring, so its mere presence is reason enough to refuse.
 *
 * @module
 */
const MARK = '<!DOCTYPE';
const MARKS = [Buffer.from(MARK, 'latin1'), Buffer.from(MARK, 'utf16le'), utf16be(MARK)];

/** Tells whether the bytes hold a DTD, in UTF-8 or in UTF-16 of either order. */
export function hasDoctype(xml: Buffer): boolean {
  return MARKS.some((mark) => xml.includes(mark));
}

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}
