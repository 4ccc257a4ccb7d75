/**
 * Resources and resource templates, and the contents that reading them yields.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources
 * @module
 */
import { toBase64 } from '../base/base64.ts';
import { checkScopes } from '../base/check-scopes.ts';
import type { JsonObject } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { CacheHint } from '../protocol/call-event.ts';
import type { Annotations, Icon, Resource, ResourceTemplate } from '../protocol/spec/2026-07-28.ts';
import { checkCacheHint } from './check-cache-hint.ts';
import type { Completer } from './completer.ts';
import type { Context } from './context.ts';
import { compileUriTemplate, type UriTemplate } from './uri-template.ts';

/** One piece of content; `uri` defaults to the one that was read. */
export type ResourceContent =
  | { text: string; mimeType?: string; uri?: string }
  | { blob: Uint8Array | string; mimeType?: string; uri?: string };

/** What a reader returns: a text, bytes, or pieces of content. `blob` strings are Base64. */
export type ResourceReturn = string | Uint8Array | ResourceContent | readonly ResourceContent[];

export interface ResourceDefinition {
  /** The programmatic name. */
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  /** Size of the raw content in bytes, where known. */
  size?: number;
  annotations?: Annotations;
  icons?: Icon[];
  /** What a caller must be allowed to do; others neither see the resource nor may read it. */
  scopes?: readonly string[];
  /** How long and by whom the content may be cached. Default: not at all, `private`. */
  cache?: CacheHint;
}

export type ResourceReader = (
  uri: string,
  ctx: Context,
) => ResourceReturn | Promise<ResourceReturn>;

export interface ResourceTemplateDefinition extends Omit<ResourceDefinition, 'size'> {
  /** Resources of this template to be listed; called on every `resources/list`. */
  list?: (ctx: Context) => readonly Resource[] | Promise<readonly Resource[]>;
  /** Suggestions for the values of the variables. */
  complete?: Readonly<Record<string, Completer>>;
}

/** `undefined` says that there is no such resource; the caller then gets the error for that. */
export type TemplateReader = (
  uri: string,
  variables: Readonly<Record<string, string>>,
  ctx: Context,
) => ResourceReturn | undefined | Promise<ResourceReturn | undefined>;

export interface CompiledResource {
  readonly wire: Resource;
  readonly scopes: readonly string[] | undefined;
  readonly cache: CacheHint | undefined;
  readonly read: ResourceReader;
}

export interface CompiledTemplate {
  readonly wire: ResourceTemplate;
  readonly scopes: readonly string[] | undefined;
  readonly template: UriTemplate;
  readonly cache: CacheHint | undefined;
  readonly list: ResourceTemplateDefinition['list'];
  readonly complete: Readonly<Record<string, Completer>>;
  readonly read: TemplateReader;
}

/**
 * Compiles a resource.
 *
 * @throws {TypeError} when a scope is none, or the hint for caches
 */
export function compileResource(
  uri: string,
  definition: ResourceDefinition,
  read: ResourceReader,
): CompiledResource {
  const { cache, scopes, ...rest } = definition;
  checkScopes(`resource "${uri}": scopes`, scopes);
  checkCacheHint(`resource "${uri}": cache`, cache);
  return { wire: { uri, ...rest }, scopes, cache, read };
}

/**
 * Compiles a resource template.
 *
 * @throws {TypeError} when the URI template has a form that is not supported, a scope is none, or the
 * hint for caches
 */
export function compileTemplate(
  uriTemplate: string,
  definition: ResourceTemplateDefinition,
  read: TemplateReader,
): CompiledTemplate {
  const { list, complete = {}, cache, scopes, ...rest } = definition;
  checkScopes(`template "${uriTemplate}": scopes`, scopes);
  checkCacheHint(`template "${uriTemplate}": cache`, cache);
  const template = compileUriTemplate(uriTemplate);
  return { wire: { uriTemplate, ...rest }, scopes, template, cache, list, complete, read };
}

/** The refusal for a URI that names nothing here; the specification wants the URI in its data. */
export function unknownResource(uri: string): StromError {
  const publicMessage = 'Resource not found';
  return new StromError('ERR_UNKNOWN_RESOURCE', publicMessage, { publicMessage, data: { uri } });
}

function toContents(piece: ResourceContent, uri: string, mimeType: string | undefined): JsonObject {
  const type = piece.mimeType ?? mimeType;
  const head = { uri: piece.uri ?? uri, ...(type !== undefined && { mimeType: type }) };
  if ('text' in piece) return { ...head, text: piece.text };
  return { ...head, blob: typeof piece.blob === 'string' ? piece.blob : toBase64(piece.blob) };
}

/** The `ReadResourceResult` for what a reader returned. */
export function toReadResult(
  value: ResourceReturn,
  uri: string,
  mimeType: string | undefined,
): JsonObject {
  const pieces = toPieces(value);
  return { contents: pieces.map((piece) => toContents(piece, uri, mimeType)) };
}

function toPieces(value: ResourceReturn): readonly ResourceContent[] {
  if (typeof value === 'string') return [{ text: value }];
  if (value instanceof Uint8Array) return [{ blob: value }];
  return Array.isArray(value) ? value : [value as ResourceContent];
}
