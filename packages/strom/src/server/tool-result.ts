/**
 * Whatever a handler returned becomes a `CallToolResult`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result
 * @module
 */
import { isJsonObject, type JsonObject, toJson } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { whenReady } from '../base/when-ready.ts';
import type { CompiledTool, ToolResult } from './tool.ts';

function textBlocks(text: string): JsonObject[] {
  return [{ type: 'text', text }];
}

/** A result of one text block. */
function textResult(text: string): JsonObject {
  return { content: textBlocks(text) };
}

/** A result that tells the model what went wrong. */
export function errorResult(message: string): JsonObject {
  return { content: [{ type: 'text', text: message }], isError: true };
}

function isSpelledOut(value: JsonObject): value is JsonObject & ToolResult {
  return (
    Array.isArray(value['content']) ||
    Object.hasOwn(value, 'structuredContent') ||
    Object.hasOwn(value, 'isError')
  );
}

function withStructure(structured: unknown): JsonObject {
  return { ...textResult(toJson(structured)), structuredContent: structured };
}

function normalise(value: unknown): JsonObject {
  if (value === undefined) return { content: [] };
  if (typeof value === 'string') return textResult(value);
  if (isContent(value)) return { content: value };
  if (!isJsonObject(value) || !isSpelledOut(value)) return withStructure(value);
  return spelledOut(value);
}

/** The members a result has and no others: those of the protocol are not a tool's to say. */
function spelledOut({ content, structuredContent, isError, _meta }: ToolResult): JsonObject {
  if (content !== undefined && !isContent(content)) {
    throw new StromError('ERR_INTERNAL', 'content must be a list of blocks');
  }
  return {
    content: content ?? textOf(structuredContent),
    ...(structuredContent !== undefined && { structuredContent }),
    ...(isError !== undefined && { isError }),
    ...(_meta !== undefined && { _meta }),
  };
}

/** What is told beside structured content to those who do not read it. */
function textOf(structured: unknown): JsonObject[] {
  return structured === undefined ? [] : textBlocks(toJson(structured));
}

function isContent(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.every(isContentBlock);
}

function isContentBlock(value: unknown): boolean {
  return isJsonObject(value) && typeof value['type'] === 'string';
}

/**
 * Makes the result of a call.
 *
 * @throws {StromError} `ERR_INTERNAL` when structured content breaks the tool's own output schema, or
 * content is no list of blocks
 */
export function toToolResult(tool: CompiledTool, value: unknown): JsonObject | Promise<JsonObject> {
  const result = normalise(value);
  if (tool.validateOutput === undefined || result['isError'] === true) return result;
  return whenReady(tool.validateOutput(result['structuredContent']), (validation) => {
    if (!('issues' in validation)) return result;
    throw new StromError(
      'ERR_INTERNAL',
      `tool "${tool.name}" broke its output schema: ${validation.issues.join('; ')}`,
    );
  });
}
