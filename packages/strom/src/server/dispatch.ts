/**
 * The operations of the core: what each of them does with a call.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { CacheHint, Outcome } from '../protocol/call-event.ts';
import type { Operation } from '../protocol/operation.ts';
import { callTool } from './call-tool.ts';
import { complete } from './completion.ts';
import type { Core } from './core.ts';
import { listenFilter } from './listen.ts';
import { openContext } from './open-context.ts';
import { toPromptResult } from './prompt.ts';
import type { Kind } from './registry.ts';
import { isVisibleTo, requireScopes } from './require-scopes.ts';
import { toReadResult, unknownResource } from './resource.ts';
import { cancelTask, getTask, updateTask, watchedTasks, watchTasks } from './task-requests.ts';

/** `undefined` for a call that stays open and ends by other means. */
export type Ran = Outcome | undefined;

type Run = (core: Core, call: Call) => Ran | Promise<Ran>;

const NOT_CACHED: CacheHint = { ttlMs: 0, scope: 'private' };

/** What differs from caller to caller is nothing for a cache they share. */
function listed(core: Core, result: JsonObject, ...kinds: readonly Kind[]): Outcome {
  const isPrivate = kinds.some((kind) => core.registry.hasScopes(kind));
  const cache = isPrivate ? { ...core.listCache, scope: 'private' as const } : core.listCache;
  return { kind: 'result', result, cache };
}

const OPERATIONS: Readonly<Record<Operation, Run>> = {
  describe: (core) => listed(core, core.description()),
  'tools/list': (core, call) => listed(core, core.registry.toolPage(call.request), 'tools'),
  'tools/call': callTool,
  'resources/list': listResources,
  'resources/templates/list': (core, call) =>
    listed(core, core.registry.templatePage(call.request), 'templates'),
  'resources/read': readResource,
  'prompts/list': (core, call) => listed(core, core.registry.promptPage(call.request), 'prompts'),
  'prompts/get': getPrompt,
  'completion/complete': async (core, call) => ({
    kind: 'result',
    result: await complete(core.registry, call.request),
  }),
  'tasks/get': getTask,
  'tasks/update': updateTask,
  'tasks/cancel': cancelTask,
  'subscriptions/listen': listen,
};

/** Runs the operation a call asks for. */
export function runOperation(core: Core, call: Call): Ran | Promise<Ran> {
  return OPERATIONS[call.request.operation](core, call);
}

function listen(core: Core, call: Call): Promise<undefined> | undefined {
  const { params, principal } = call.request;
  const isVisible = (uri: string): boolean => core.registry.isVisibleUri(uri, principal);
  const filter = listenFilter(params, isVisible);
  const watched = watchedTasks(core, call);
  if (watched === undefined) {
    core.changes.listen(call, filter);
    call.forgetParams();
    return undefined;
  }
  return watched.then((tasks) => {
    core.changes.listen(call, { ...filter, taskIds: tasks.map(({ id }) => id) });
    call.forgetParams();
    watchTasks(core, call, tasks);
    return undefined;
  });
}

async function listResources(core: Core, call: Call): Promise<Outcome> {
  const context = await openContext(call, core.rounds);
  const templates = [...core.registry.templates.values()].filter((template) =>
    isVisibleTo(template, call.request.principal),
  );
  const lists = await Promise.all(templates.map((template) => template.list?.(context) ?? []));
  const page = core.registry.resourcePage(call.request, lists.flat());
  return listed(core, page, 'resources', 'templates');
}

async function readResource(core: Core, call: Call): Promise<Outcome> {
  const uri = ownValue(call.request.params, 'uri');
  if (typeof uri !== 'string') throw publicError('ERR_INVALID_PARAMS', 'uri must be a string');
  const match = core.registry.resourceAt(uri);
  const target = 'resource' in match ? match.resource : match.template;
  requireScopes(target, call.request.principal);
  const context = await openContext(call, core.rounds);
  const value =
    'resource' in match
      ? await match.resource.read(uri, context)
      : await match.template.read(uri, match.variables, context);
  if (value === undefined) throw unknownResource(uri);
  const result = toReadResult(value, uri, target.wire.mimeType);
  return { kind: 'result', result, cache: target.cache ?? NOT_CACHED };
}

async function getPrompt(core: Core, call: Call): Promise<Outcome> {
  const { params } = call.request;
  const prompt = core.registry.promptNamed(ownValue(params, 'name'));
  requireScopes(prompt, call.request.principal);
  const args = Object.hasOwn(params, 'arguments') ? params['arguments'] : {};
  if (!isJsonObject(args)) throw publicError('ERR_INVALID_PARAMS', 'arguments must be an object');
  const validation = (await prompt.validateInput?.(args)) ?? { value: args };
  if ('issues' in validation) {
    throw publicError('ERR_INVALID_PARAMS', `Invalid arguments: ${validation.issues.join('; ')}`);
  }
  const context = await openContext(call, core.rounds);
  const value = await prompt.handler(validation.value, context);
  return { kind: 'result', result: toPromptResult(value, prompt) };
}
