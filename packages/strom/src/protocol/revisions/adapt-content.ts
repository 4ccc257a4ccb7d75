/**
 * Content blocks for clients that would refuse a block they do not know: such blocks become text.
 *
 * @module
 */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Operation } from '../operation.ts';

/** Rewrites one block; returns it unchanged when the client knows its type. */
export type BlockAdapter = (block: JsonObject) => JsonObject;

/** `resource_link` blocks came with 2025-06-18. */
export function linkToText(block: JsonObject): JsonObject {
  if (block['type'] !== 'resource_link') return block;
  return { type: 'text', text: `${String(block['name'] ?? 'resource')}: ${String(block['uri'])}` };
}

/** `audio` blocks came with 2025-03-26. */
export function audioToText(block: JsonObject): JsonObject {
  if (block['type'] !== 'audio') return block;
  return { type: 'text', text: `[audio, ${String(block['mimeType'])}]` };
}

function adapted(block: unknown, adapt: BlockAdapter): unknown {
  return isJsonObject(block) ? adapt(block) : block;
}

/** Applies `adapt` to every content block of a tool or prompt result. */
export function adaptContent(
  operation: Operation | undefined,
  result: JsonObject,
  adapt: BlockAdapter,
): JsonObject {
  if (operation === 'tools/call' && Array.isArray(result['content'])) {
    return { ...result, content: result['content'].map((block) => adapted(block, adapt)) };
  }
  if (operation === 'prompts/get' && Array.isArray(result['messages'])) {
    const messages = result['messages'].map((message) =>
      isJsonObject(message) ? { ...message, content: adapted(message['content'], adapt) } : message,
    );
    return { ...result, messages };
  }
  return result;
}
