/**
 * Everything a server offers, compiled: look-ups by name, and lists ready to be sent.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import type { Principal } from '../base/principal.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import type { OperationRequest } from '../protocol/operation.ts';
import { Pages } from './pages.ts';
import type { CompiledPrompt } from './prompt.ts';
import { isVisibleTo } from './require-scopes.ts';
import { type CompiledResource, type CompiledTemplate, unknownResource } from './resource.ts';
import type { CompiledTool } from './tool.ts';

type PageRequest = Pick<OperationRequest, 'params' | 'principal'>;

export type Kind = 'tools' | 'resources' | 'templates' | 'prompts';

/** What a URI leads to. */
export type ResourceMatch =
  | { readonly resource: CompiledResource }
  | { readonly template: CompiledTemplate; readonly variables: Readonly<Record<string, string>> };

export class Registry {
  readonly tools = new Map<string, CompiledTool>();
  #taskTools: readonly string[] | undefined;
  readonly resources = new Map<string, CompiledResource>();
  readonly templates = new Map<string, CompiledTemplate>();
  readonly prompts = new Map<string, CompiledPrompt>();
  readonly #pageSize: number;
  readonly #pages = new Map<Kind, Pages>();

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
  }

  /** The names of the tools whose calls may be tasks. */
  taskTools(): readonly string[] {
    this.#taskTools ??= [...this.tools.values()]
      .filter(({ task }) => task !== undefined)
      .map(({ name }) => name);
    return this.#taskTools;
  }

  /** To be called after every change of a map. */
  changed(kind: Kind): void {
    this.#taskTools = undefined;
    this.#pages.delete(kind);
  }

  toolPage(request: PageRequest): JsonObject {
    return this.#pagesOf('tools', 'tools', request).page(request.params);
  }

  templatePage(request: PageRequest): JsonObject {
    return this.#pagesOf('templates', 'resourceTemplates', request).page(request.params);
  }

  promptPage(request: PageRequest): JsonObject {
    return this.#pagesOf('prompts', 'prompts', request).page(request.params);
  }

  /** @param listed - resources that templates list at this moment */
  resourcePage(request: PageRequest, listed: readonly unknown[]): JsonObject {
    const { params, principal } = request;
    if (listed.length === 0) return this.#pagesOf('resources', 'resources', request).page(params);
    const fixed = visibleOf(this.resources, principal);
    return new Pages('resources', [...fixed, ...listed], this.#pageSize).page(params);
  }

  /** Shared by all callers, unless what they may see differs. */
  #pagesOf(kind: Kind, key: string, { principal }: PageRequest): Pages {
    if (this.hasScopes(kind)) {
      return new Pages(key, visibleOf(this[kind], principal), this.#pageSize);
    }
    let pages = this.#pages.get(kind);
    if (pages === undefined) {
      const items = [...this[kind].values()].map((item) => item.wire);
      pages = new Pages(key, items, this.#pageSize);
      this.#pages.set(kind, pages);
    }
    return pages;
  }

  /** Whether a list differs from caller to caller. */
  hasScopes(kind: Kind): boolean {
    for (const { scopes } of this[kind].values()) if (scopes !== undefined) return true;
    return false;
  }

  /** @throws {StromError} `ERR_INVALID_PARAMS` for what is no name, `ERR_UNKNOWN_PROMPT` */
  promptNamed(name: unknown): CompiledPrompt {
    if (typeof name !== 'string') throw publicError('ERR_INVALID_PARAMS', 'name must be a string');
    const prompt = this.prompts.get(name);
    if (prompt === undefined) throw unknownPrompt(name);
    return prompt;
  }

  /** @throws {StromError} `ERR_UNKNOWN_RESOURCE` */
  resourceAt(uri: string): ResourceMatch {
    const match = this.#matchOf(uri);
    if (match === undefined) throw unknownResource(uri);
    return match;
  }

  /** Whether a caller may know of what a URI leads to; one that leads nowhere hides nothing. */
  isVisibleUri(uri: string, principal: Principal): boolean {
    const match = this.#matchOf(uri);
    if (match === undefined) return true;
    return isVisibleTo('resource' in match ? match.resource : match.template, principal);
  }

  #matchOf(uri: string): ResourceMatch | undefined {
    const resource = this.resources.get(uri);
    if (resource !== undefined) return { resource };
    for (const template of this.templates.values()) {
      const variables = template.template.match(uri);
      if (variables !== undefined) return { template, variables };
    }
    return undefined;
  }

  /**
   * @throws {StromError} `ERR_INVALID_PARAMS`; `ERR_UNKNOWN_PROMPT`, also where the caller may not know
   * of it
   */
  completersOfPrompt(name: unknown, principal: Principal): JsonObject {
    const prompt = this.promptNamed(name);
    if (!isVisibleTo(prompt, principal)) throw unknownPrompt(String(name));
    return prompt.complete;
  }

  /**
   * @throws {StromError} `ERR_INVALID_PARAMS`; `ERR_UNKNOWN_RESOURCE`, also where the caller may not
   * know of it
   */
  completersOfUri(uri: unknown, principal: Principal): JsonObject {
    if (typeof uri !== 'string') throw publicError('ERR_INVALID_PARAMS', 'uri must be a string');
    const item = this.templates.get(uri) ?? this.resources.get(uri);
    if (item === undefined || !isVisibleTo(item, principal)) throw unknownResource(uri);
    return 'complete' in item ? item.complete : {};
  }
}

function unknownPrompt(name: string): StromError {
  return publicError('ERR_UNKNOWN_PROMPT', `Unknown prompt: ${name}`);
}

interface Listed {
  readonly wire: object;
  readonly scopes: readonly string[] | undefined;
}

function visibleOf(items: ReadonlyMap<string, Listed>, principal: Principal): readonly object[] {
  return [...items.values()].filter((item) => isVisibleTo(item, principal)).map(({ wire }) => wire);
}
