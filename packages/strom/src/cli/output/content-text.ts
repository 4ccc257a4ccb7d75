import { isJsonObject, ownValue } from '../../base/json.ts';
import type { ContentBlock } from '../../protocol/spec/2026-07-28.ts';

/** Content on its way to a person: text to print, or bytes that only make sense in a file. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly note: string; readonly bytes: () => Uint8Array };

/** A part of a resource: text, or a Base64 blob. */
interface ResourcePart {
  readonly uri: string;
  readonly mimeType?: string;
  readonly text?: string;
  readonly blob?: string;
}

const KIB = 1024;

function formatBytes(count: number): string {
  if (count < KIB) return `${count} B`;
  if (count < KIB * KIB) return `${(count / KIB).toFixed(1)} KiB`;
  return `${(count / KIB / KIB).toFixed(1)} MiB`;
}

/** Bytes that a Base64 text stands for. */
function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.max(0, Math.floor((base64.length * 3) / 4) - padding);
}

function binary(what: string, mimeType: unknown, base64: unknown): Piece {
  const data = typeof base64 === 'string' ? base64 : '';
  const type = typeof mimeType === 'string' ? mimeType : 'unknown type';
  const note = `${what} not shown: ${type}, ${formatBytes(decodedLength(data))}`;
  return { kind: 'binary', note, bytes: () => Buffer.from(data, 'base64') };
}

/** A part of a resource. */
export function pieceOfResource(part: ResourcePart): Piece {
  if (typeof part.text === 'string') return { kind: 'text', text: part.text };
  return binary(part.uri, part.mimeType, part.blob);
}

/** A block of a tool's result or of a prompt. Kinds unknown here are shown as JSON. */
export function pieceOf(block: ContentBlock): Piece {
  switch (block.type) {
    case 'text':
      return { kind: 'text', text: block.text };
    case 'image':
    case 'audio':
      return binary(block.type, block.mimeType, block.data);
    case 'resource_link':
      return { kind: 'text', text: linkText(block.uri, block.title ?? block.name) };
    case 'resource':
      if (isJsonObject(block.resource)) return pieceOfResource(block.resource as ResourcePart);
      return { kind: 'text', text: JSON.stringify(block) };
    default:
      return { kind: 'text', text: JSON.stringify(block) };
  }
}

function linkText(uri: string, name: string): string {
  return name === '' || name === uri ? uri : `${uri}  ${name}`;
}

/** Whether texts say the same as structured content, as servers do for old clients. */
export function repeats(texts: readonly string[], structured: unknown): boolean {
  const [text] = texts;
  if (texts.length !== 1 || text === undefined) return texts.length === 0;
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(structured);
  } catch {
    // Text for people beside structure for programs.
    return false;
  }
}

/** The structured content of a result, if it has any. */
export function structureOf(result: object): unknown {
  return isJsonObject(result) ? ownValue(result, 'structuredContent') : undefined;
}
