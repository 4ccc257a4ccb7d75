/**
 * Parses XML into a small tree, within bounds and without entities.
 *
 * Built on saxes, which expands only the five predefined entities and numeric
 * references; anything a DTD would define is an error.
 *
 * @module
 */
import { SaxesParser } from 'saxes';
import { ConvertError } from '../base/convert-error.ts';

const MAX_DEPTH = 256;
const MAX_NODES = 2_000_000;

export interface XmlElement {
  /** Local name: prefixes vary from writer to writer. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  /** The character data directly inside this element. */
  text: string;
}

/**
 * Parses a whole XML part.
 *
 * @throws {ConvertError} `corrupt` if it is not well-formed, `too_large` if too deep or too big
 */
export function parseXml(xml: Buffer): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open: XmlElement[] = [root];
  let nodes = 0;
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('error', (cause) => {
    throw new ConvertError('corrupt', 'A part of the document is not well-formed XML.', { cause });
  });
  parser.on('opentag', (tag) => {
    nodes += 1;
    if (open.length > MAX_DEPTH || nodes > MAX_NODES) {
      throw new ConvertError(
        'too_large',
        'The document is nested too deeply or has too many parts.',
      );
    }
    const element = newElement(tag.name, tag.attributes);
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  const addText = (text: string): void => {
    const top = open.at(-1);
    if (top) top.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => open.pop());
  parser.write(decodeXml(xml)).close();
  return root.children[0] ?? root;
}

/** The first child with this local name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** Every descendant with this local name, in document order. */
export function* descendants(element: XmlElement, name: string): Generator<XmlElement> {
  for (const child of element.children) {
    if (child.name === name) yield child;
    yield* descendants(child, name);
  }
}

function newElement(name: string, attributes: Readonly<Record<string, string>>): XmlElement {
  return { name: name.slice(name.indexOf(':') + 1), attributes, children: [], text: '' };
}

function decodeXml(xml: Buffer): string {
  if (xml[0] === 0xff && xml[1] === 0xfe) return new TextDecoder('utf-16le').decode(xml);
  if (xml[0] === 0xfe && xml[1] === 0xff) return new TextDecoder('utf-16be').decode(xml);
  return new TextDecoder('utf-8').decode(xml);
}
