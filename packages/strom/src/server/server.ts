/**
 * The server core: what authors register, and what callers then can do.
 *
 * It knows neither transports nor revisions of the protocol: requests arrive as operations, answers
 * leave as events and outcomes.
 *
 * @module
 */
import { CallerQuota } from '../base/caller-quota.ts';
import { type Clock, SYSTEM_CLOCK } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { LoadWatch } from '../base/load-watch.ts';
import { type Logger, SILENT_LOGGER, shielded } from '../base/logger.ts';
import type { Call } from '../calls/call.ts';
import type { CallView } from '../calls/call-view.ts';
import type { Dispatcher } from '../calls/dispatcher.ts';
import type { TaskCounts } from '../calls/observer.ts';
import type { Change } from '../protocol/call-event.ts';
import type { MirroredParameter } from '../protocol/mirrored-parameters.ts';
import type { OperationRequest } from '../protocol/operation.ts';
import type { ServerIdentity } from '../protocol/revision.ts';
import { capabilitiesOf } from '../protocol/server-description.ts';
import type { AnySchema } from '../schema/standard-schema.ts';
import { TaskEngine } from '../tasks/task-engine.ts';
import { Admission } from './admission.ts';
import { runTask } from './call-tool.ts';
import { ChangeHub } from './change-hub.ts';
import type { Core } from './core.ts';
import { runOperation } from './dispatch.ts';
import { followUpTool } from './follow-up-tool.ts';
import { compilePrompt, type PromptDefinition, type PromptHandler } from './prompt.ts';
import { Registry } from './registry.ts';
import {
  compileResource,
  compileTemplate,
  type ResourceDefinition,
  type ResourceReader,
  type ResourceTemplateDefinition,
  type TemplateReader,
} from './resource.ts';
import { RoundKeeper } from './round-state.ts';
import { RunningCalls } from './running-calls.ts';
import { checkServerLimits, SERVER_DEFAULTS, type ServerOptions } from './server-options.ts';
import { StateSealer } from './state-sealer.ts';
import { FOLLOW_UP_TOOL } from './still-running.ts';
import type { Store } from './store.ts';
import { taskLimits } from './task-limits.ts';
import { type ArgsOf, compileTool, paceOf, type ToolDefinition, type ToolHandler } from './tool.ts';

/** What `tool()`, `resource()` and `prompt()` return: the way to take it back. */
export interface Registration {
  /** Removes what was registered; clients that listen are told. */
  remove(): void;
}

/** The core as a whole; `Strom` adds the doors. */
export class Server implements Dispatcher {
  readonly identity: ServerIdentity;
  readonly logger: Logger;
  readonly clock: Clock;
  /** What the options gave to keep things in. */
  readonly store: Store | undefined;
  /** Tells clients that listen about changes the server cannot see by itself. */
  readonly notify: {
    /** The content behind a URI has changed. */
    resourceUpdated(uri: string): void;
    /** Templates list other resources than before. */
    resourcesListChanged(): void;
  };
  readonly #registry: Registry;
  readonly #changes: ChangeHub;
  readonly #admission: Admission;
  readonly #calls: RunningCalls;
  readonly #core: Core;
  readonly #stateTtlMs: number;
  readonly #hasOwnStateKeys: boolean;
  readonly #rounds: RoundKeeper;
  readonly #tasks: TaskEngine;
  readonly #instructions: string | undefined;
  #description: JsonObject | undefined;

  /** @throws {TypeError} for an option that cannot hold */
  constructor(options: ServerOptions) {
    const { name, version, title, websiteUrl } = options;
    if (typeof name !== 'string' || typeof version !== 'string') {
      throw new TypeError('a server needs a name and a version');
    }
    checkServerLimits(options);
    this.identity = { name, version, ...(title && { title }), ...(websiteUrl && { websiteUrl }) };
    this.logger = options.logger === undefined ? SILENT_LOGGER : shielded(options.logger);
    this.clock = options.clock ?? SYSTEM_CLOCK;
    this.store = options.store;
    this.#instructions = options.instructions;
    this.#admission = new Admission(options);
    this.#changes = new ChangeHub(
      new CallerQuota({
        what: 'subscriptions; the settings are maxSubscriptions and maxSubscriptionsPerCaller',
        total: options.maxSubscriptions ?? SERVER_DEFAULTS.maxSubscriptions,
        totalCode: 'ERR_STREAM_LIMIT',
        perCaller: options.maxSubscriptionsPerCaller,
      }),
      { clock: this.clock, maxMs: options.maxSubscriptionMs ?? SERVER_DEFAULTS.maxSubscriptionMs },
    );
    this.#registry = new Registry(options.pageSize ?? SERVER_DEFAULTS.pageSize);
    const { clock, logger } = this;
    const { callTimeoutMs = SERVER_DEFAULTS.callTimeoutMs } = options;
    const { callIdleTimeoutMs = SERVER_DEFAULTS.callIdleTimeoutMs } = options;
    this.#calls = new RunningCalls({
      ...{ clock, logger, callTimeoutMs, callIdleTimeoutMs },
      admission: this.#admission,
    });
    this.#stateTtlMs = options.stateTtlMs ?? SERVER_DEFAULTS.stateTtlMs;
    this.#hasOwnStateKeys = options.stateKeys !== undefined;
    this.#rounds = new RoundKeeper(this.#sealer(options.stateKeys ?? [StateSealer.randomKey()]));
    this.#tasks = new TaskEngine({
      ...taskLimits(options),
      clock,
      logger,
      kinds: () => this.#registry.taskTools(),
      settingsOf: (kind) => this.#registry.tools.get(kind)?.task,
      run: (request, run) =>
        this.#calls.startTask(request, run, (call) => runTask(this.#core, call, run)),
    });
    this.#core = {
      tasks: this.#tasks,
      clock,
      logger,
      registry: this.#registry,
      changes: this.#changes,
      rounds: this.#rounds,
      pace: paceOf(options),
      listCache: options.listCache ?? SERVER_DEFAULTS.listCache,
      description: () => (this.#description ??= this.#describe()),
    };
    this.notify = {
      resourceUpdated: (uri) => this.#changes.publish({ topic: 'resource', uri }),
      resourcesListChanged: () => this.#changes.publish({ topic: 'resources' }),
    };
  }

  /**
   * Registers a tool. It is compiled here, once; a call costs a small context.
   *
   * @throws {TypeError} for an invalid name or schema, or a name already taken
   */
  tool<Input extends AnySchema | undefined = undefined>(
    name: string,
    definition: Omit<ToolDefinition, 'input'> & { input?: Input },
    handler: ToolHandler<ArgsOf<Input>>,
  ): Registration {
    const tool = compileTool(name, definition as ToolDefinition, handler as ToolHandler<never>);
    if (tool.task?.fallback === 'follow-up' && !this.hasTool(FOLLOW_UP_TOOL)) {
      this.#register('tools', FOLLOW_UP_TOOL, followUpTool());
    }
    return this.#register('tools', name, tool);
  }

  /**
   * Registers a resource under a fixed URI.
   *
   * @throws {TypeError} for a URI already taken
   */
  resource(uri: string, definition: ResourceDefinition, read: ResourceReader): Registration {
    return this.#register('resources', uri, compileResource(uri, definition, read));
  }

  /**
   * Registers a family of resources: `{name}` stands for one path segment, `{+name}` for the rest.
   *
   * @throws {TypeError} for an unsupported template or one already taken
   */
  resourceTemplate(
    uriTemplate: string,
    definition: ResourceTemplateDefinition,
    read: TemplateReader,
  ): Registration {
    const compiled = compileTemplate(uriTemplate, definition, read);
    return this.#register('templates', uriTemplate, compiled);
  }

  /**
   * Registers a prompt.
   *
   * @throws {TypeError} for an invalid schema, or a name already taken
   */
  prompt<Input extends AnySchema | undefined = undefined>(
    name: string,
    definition: Omit<PromptDefinition, 'input'> & { input?: Input },
    handler: PromptHandler<ArgsOf<Input>>,
  ): Registration {
    const compiled = compilePrompt(
      name,
      definition as PromptDefinition,
      handler as PromptHandler<never>,
    );
    return this.#register('prompts', name, compiled);
  }

  /** Starts a call; see {@link Dispatcher}. */
  dispatch(request: OperationRequest, view: CallView): Call {
    return this.#calls.start(request, view, (call) => runOperation(this.#core, call));
  }

  /**
   * Seals states between rounds with a key that other processes of this server know as well. Keys
   * given as `stateKeys` stay; call it before the first request.
   */
  shareStateKey(key: Uint8Array): void {
    if (!this.#hasOwnStateKeys) this.#rounds.replaceSealer(this.#sealer([key]));
  }

  /** Whether a tool exists and only reads, so that a plain GET may run it. */
  isReadOnlyTool(name: string): boolean {
    return this.#registry.tools.get(name)?.isReadOnly === true;
  }

  /** The arguments of a tool that headers may repeat. */
  mirroredParametersOf(name: string): readonly MirroredParameter[] {
    return this.#registry.tools.get(name)?.mirrored ?? [];
  }

  /** Whether several processes can do its work: each has to see the tasks of the others. */
  get canBeShared(): boolean {
    return this.store?.isShared === true || this.#registry.taskTools().length === 0;
  }

  hasTool(name: string): boolean {
    return this.#registry.tools.has(name);
  }

  hasPrompt(name: string): boolean {
    return this.#registry.prompts.has(name);
  }

  /** Whether it takes no new calls any more. */
  get isShuttingDown(): boolean {
    return this.#admission.isClosed;
  }

  /** Whether it takes no new calls for the moment, because the process has too much to do. */
  get isOverloaded(): boolean {
    return this.#admission.isOverloaded;
  }

  /** Takes no new calls while the process has too much to do; those that run go on. */
  protected shedLoad(load: LoadWatch): void {
    this.#admission.watch(load);
  }

  /** Takes no new calls, ends listening streams gracefully and stops the calls that run. */
  shutDown(): void {
    this.#takeNoMore();
    this.#calls.stopAll();
  }

  /**
   * Takes no new calls, ends listening streams gracefully, and lets the calls that run come to their
   * end; what still runs after `timeoutMs` is stopped.
   *
   * @returns once no call runs any more
   */
  drain(timeoutMs: number): Promise<void> {
    this.#takeNoMore();
    return this.#calls.idle(timeoutMs).then(() => this.#tasks.settled());
  }

  /** Resolves when the store knows of everything that became of the tasks of this process. */
  settled(): Promise<void> {
    return this.#tasks.settled();
  }

  /** How many tasks there are, for those who watch the server. */
  async taskCounts(): Promise<TaskCounts> {
    return {
      byPhase: await this.#tasks.store.counts(),
      isShared: this.store?.isShared === true,
    };
  }

  /** Goes on with the tasks that wait in the store. A door that opens does this. */
  resumeTasks(): void {
    this.#tasks.resume();
  }

  #takeNoMore(): void {
    this.#admission.close();
    this.#changes.endAll();
    this.#tasks.park();
  }

  #sealer(keys: readonly Uint8Array[]): StateSealer {
    return new StateSealer({ keys, ttlMs: this.#stateTtlMs, clock: this.clock });
  }

  #register<Kind extends 'tools' | 'resources' | 'templates' | 'prompts'>(
    kind: Kind,
    key: string,
    item: Registry[Kind] extends Map<string, infer Item> ? Item : never,
  ): Registration {
    const map = this.#registry[kind] as Map<string, typeof item>;
    if (map.has(key)) throw new TypeError(`"${key}" is already registered`);
    map.set(key, item);
    this.#changed(kind);
    return {
      remove: () => {
        if (map.get(key) !== item) return;
        map.delete(key);
        this.#changed(kind);
      },
    };
  }

  #changed(kind: 'tools' | 'resources' | 'templates' | 'prompts'): void {
    this.#registry.changed(kind);
    this.#description = undefined;
    const change: Change = { topic: kind === 'templates' ? 'resources' : kind };
    this.#changes.publish(change);
  }

  #describe(): JsonObject {
    const { resources, templates, prompts } = this.#registry;
    const hasResources = resources.size + templates.size > 0;
    return Object.freeze({
      capabilities: capabilitiesOf({
        tools: true,
        resources: hasResources,
        prompts: prompts.size > 0,
        completions: prompts.size + templates.size > 0,
        tasks: this.#registry.taskTools().length > 0,
      }),
      ...(this.#instructions !== undefined && { instructions: this.#instructions }),
    });
  }
}
