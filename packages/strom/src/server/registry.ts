/**
 * Everything a server offers, compiled: look-ups by name, and lists ready to be sent.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import { Pages } from './pages.ts';
import type { CompiledPrompt } from './prompt.ts';
import { type CompiledResource, type CompiledTemplate, unknownResource } from './resource.ts';
import type { CompiledTool } from './tool.ts';

type Kind = 'tools' | 'resources' | 'templates' | 'prompts';

/** What a URI leads to. */
export type ResourceMatch =
  | { readonly resource: CompiledResource }
  | { readonly template: CompiledTemplate; readonly variables: Readonly<Record<string, string>> };

export class Registry {
  readonly tools = new Map<string, CompiledTool>();
  readonly resources = new Map<string, CompiledResource>();
  readonly templates = new Map<string, CompiledTemplate>();
  readonly prompts = new Map<string, CompiledPrompt>();
  readonly #pageSize: number;
  readonly #pages = new Map<Kind, Pages>();

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
  }

  /** To be called after every change of a map. */
  changed(kind: Kind): void {
    this.#pages.delete(kind);
  }

  toolPage(params: JsonObject): JsonObject {
    return this.#pagesOf('tools', 'tools').page(params);
  }

  templatePage(params: JsonObject): JsonObject {
    return this.#pagesOf('templates', 'resourceTemplates').page(params);
  }

  promptPage(params: JsonObject): JsonObject {
    return this.#pagesOf('prompts', 'prompts').page(params);
  }

  /** @param listed - resources that templates list at this moment */
  resourcePage(params: JsonObject, listed: readonly unknown[]): JsonObject {
    if (listed.length === 0) return this.#pagesOf('resources', 'resources').page(params);
    const fixed = [...this.resources.values()].map((resource) => resource.wire);
    return new Pages('resources', [...fixed, ...listed], this.#pageSize).page(params);
  }

  #pagesOf(kind: Kind, key: string): Pages {
    let pages = this.#pages.get(kind);
    if (pages === undefined) {
      const items = [...this[kind].values()].map((item) => item.wire);
      pages = new Pages(key, items, this.#pageSize);
      this.#pages.set(kind, pages);
    }
    return pages;
  }

  /** @throws {StromError} `ERR_UNKNOWN_PROMPT` */
  promptNamed(name: unknown): CompiledPrompt {
    const prompt = typeof name === 'string' ? this.prompts.get(name) : undefined;
    if (prompt === undefined) {
      throw publicError('ERR_UNKNOWN_PROMPT', `Unknown prompt: ${String(name)}`);
    }
    return prompt;
  }

  /** @throws {StromError} `ERR_UNKNOWN_RESOURCE` */
  resourceAt(uri: string): ResourceMatch {
    const resource = this.resources.get(uri);
    if (resource !== undefined) return { resource };
    for (const template of this.templates.values()) {
      const variables = template.template.match(uri);
      if (variables !== undefined) return { template, variables };
    }
    throw unknownResource(uri);
  }

  /** @throws {StromError} `ERR_UNKNOWN_RESOURCE` when `uri` is neither a template nor a resource */
  completersOfUri(uri: unknown): JsonObject {
    const key = String(uri);
    const template = this.templates.get(key);
    if (template !== undefined) return template.complete;
    if (this.resources.has(key)) return {};
    throw unknownResource(key);
  }
}
