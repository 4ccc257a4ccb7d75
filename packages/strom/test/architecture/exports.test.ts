import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { entryExports } from './rules/entry-exports.ts';
import { REPOSITORY, readSources } from './rules/sources.ts';

/**
 * The whole public interface. What is added here is promised; what is taken away breaks somebody,
 * and belongs into CHANGELOG.md.
 */
const PUBLIC: Readonly<Record<string, readonly string[]>> = {
  '.': [
    'type Answer',
    'type AnswersOf',
    'type AnySchema',
    'type Asked',
    'type AskOptions',
    'type CacheHint',
    'type CallPace',
    'type ClientFacts',
    'type Completer',
    'type ContentBlock',
    'type Context',
    'ERROR_CODES',
    'type Duration',
    'type ErrorCode',
    'type ErrorTraits',
    'type HttpOptions',
    'type LegacyUse',
    'type Logger',
    'type LogLevel',
    'type NodeListener',
    'type Principal',
    'type PromptDefinition',
    'type PromptHandler',
    'type PromptMessage',
    'type PromptReturn',
    'question',
    'type Registration',
    'type Resource',
    'type ResourceContent',
    'type ResourceDefinition',
    'type ResourceReader',
    'type ResourceReturn',
    'type ResourceTemplateDefinition',
    'type Running',
    'type RunOptions',
    'type ServerOptions',
    'Strom',
    'StromError',
    'type Store',
    'type TaskOptions',
    'type TemplateReader',
    'type ToolDefinition',
    'ToolError',
    'type ToolHandler',
    'type ToolResult',
    'type ToolReturn',
    'type ToolTask',
    'type TraceContext',
    'type Transport',
    'type UrlAnswer',
    'WireError',
  ],
  './auth': [
    'type ApiKeyFileOptions',
    'type ApiKeyListOptions',
    'type ApiKeyOptions',
    'type ApiKeyRecord',
    'apiKeys',
    'type Authenticator',
    'createApiKey',
    'type ImpliedScopes',
    'type IntrospectionSettings',
    'type IssuerSettings',
    'type NewApiKey',
    'oauth',
    'type OAuthOptions',
    'type Principal',
    'type RequestFacts',
    'type ResourceMetadata',
    'type Revocation',
  ],
  './client': [
    'type CallOptions',
    'type Change',
    'Client',
    'type CommandTarget',
    'connect',
    'type ConnectOptions',
    'type ConnectTarget',
    'type Era',
    'type EraOption',
    'type HeaderSource',
    'type HttpStatusData',
    'type KeyedQuestion',
    'type ListOptions',
    'type LocalConnection',
    'type LocalTarget',
    'type LogEntry',
    'type LogLevel',
    'type OnChange',
    'type PlainChunk',
    'type PlainStreamOptions',
    'type ProgressUpdate',
    'type QuestionContext',
    'type QuestionHandlers',
    'type QuestionMethod',
    'type QuestionNotice',
    'type RequestOptions',
    'type RpcMessage',
    'type RpcNotification',
    'type SavedTask',
    'type ServerFacts',
    'type StreamEvent',
    'type StreamOptions',
    'streamUrl',
    'StromError',
    'type Subscription',
    'type SubscriptionEnd',
    'type SubscriptionFilter',
    'type TaskAnswers',
    'type TaskHandle',
    'type TaskHandleOptions',
    'type TaskOptions',
    'type TaskRequestOptions',
    'type TaskSnapshot',
    'type TaskStatus',
    'type TaskWaitOptions',
    'type ToolArguments',
    'type TransportName',
    'WireError',
  ],
  './sqlite': ['sqliteStore', 'type SqliteStoreOptions'],
  './testing': [
    'type MadeStore',
    'type StoreCase',
    'storeContract',
    'type StoreMaker',
    'type StoreSetting',
  ],
};

const entries = new Map(
  [...readSources('packages/strom/src')].filter(([file]) => file.startsWith('entry/')),
);

const subpathOf = (file: string): string => {
  const name = path.basename(file, '.ts');
  return name === 'index' ? '.' : `./${name}`;
};

interface Manifest {
  readonly exports: Readonly<Record<string, { types: string; default: string } | string>>;
}

describe('the public interface', () => {
  it.each([...entries])('%s offers exactly what is listed', (file, text) => {
    expect(entryExports(file, text).toSorted()).toEqual(PUBLIC[subpathOf(file)]?.toSorted());
  });

  it('has one subpath of the package for each entry, and no other', () => {
    const file = path.join(REPOSITORY, 'packages/strom/package.json');
    const { exports } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    const expected = [...entries.keys()].map((entry) => {
      const built = `./dist/${entry.replace(/\.ts$/, '')}`;
      return [subpathOf(entry), { types: `${built}.d.ts`, default: `${built}.js` }];
    });
    expect(exports).toEqual({
      ...Object.fromEntries(expected),
      './package.json': './package.json',
    });
  });

  it.each([
    ['code of its own', 'export const version = 1;'],
    ['everything of a module', `export * from '../server/server.ts';`],
    ['a namespace', `export * as server from '../server/server.ts';`],
  ])('refuses an entry with %s', (_, text) => {
    expect(() => entryExports('entry/index.ts', text)).toThrow('only re-exports by name');
  });

  it('tells types from values', () => {
    const text = `export { type A, b } from './a.ts';\nexport type { C } from './c.ts';`;
    expect(entryExports('entry/index.ts', text)).toEqual(['type A', 'b', 'type C']);
  });
});
