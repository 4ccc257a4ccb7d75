import { describe, expect, it } from 'vitest';
import { TestProcess } from '../harness/child-process.ts';
import { TemporaryFolder } from '../stores/support/temporary-folder.ts';
import type { LargeKind } from './large-values.ts';

const SERVER = '../perf/large-server-fixture.ts';
const SIZE_MB = 50;
const MAX_RATIO = 3;
/** What 48 MB of JSON take as 870 000 small objects: as the tool makes them, and as they are parsed. */
const MADE_ROWS_MB = 93;
const PARSED_ROWS_MB = 79;

interface Case {
  readonly way: string;
  /**
   * `asked` and `held` are tasks: one whose result is asked for, one that is listened to. `fallback` and
   * `keyed` are, too, and nobody knows: who calls them waits, and one of them has an idempotency key.
   */
  readonly tool?: 'large' | 'told' | 'asked' | 'held' | 'fallback' | 'keyed';
  readonly kind?: LargeKind;
  readonly isInFile?: boolean;
}

/**
 * Both sides as processes of their own; the answer comes back over the transport that is tested. `local`
 * is both in one process, and each figure that of both.
 */
async function measure({ way, tool = 'large', kind = 'text', isInFile = false }: Case) {
  const isAlone = way === 'stdio' || way === 'local';
  using folder = new TemporaryFolder();
  const file = isInFile ? folder.file : '';
  await using server = isAlone ? undefined : new TestProcess(SERVER, ['sse', file]);
  const url = (await server?.line()) ?? '';
  const args = [url, way, tool, kind, String(SIZE_MB), file];
  await using client = new TestProcess('../perf/large-client-fixture.ts', args);
  const { serverMb, clientMb, isRight } = await client.message();
  expect(isRight).toBe(true);
  return { serverMb: Number(serverMb), clientMb: Number(clientMb) };
}

describe('a result of 50 MB takes at most three times its size in the server and in the client', () => {
  it.each<Case>([
    { way: 'stateless' },
    { way: 'stateless', tool: 'told' },
    { way: 'session', tool: 'told' },
    { way: 'session', kind: 'structuredText' },
    { way: 'sse' },
    { way: 'stdio' },
    { way: 'stdio', kind: 'bytes' },
    { way: 'stateless', kind: 'pages' },
    { way: 'local' },
    { way: 'text/event-stream' },
    { way: 'application/x-ndjson', kind: 'structuredText' },
  ])(
    'over %o',
    async (which) => {
      const { serverMb, clientMb } = await measure(which);
      expect(serverMb / SIZE_MB).toBeLessThan(MAX_RATIO);
      expect(clientMb / SIZE_MB).toBeLessThan(MAX_RATIO);
    },
    60_000,
  );

  it.each<Case>([
    { way: 'stateless', kind: 'structuredRows' },
    { way: 'stateless', kind: 'structuredRows', tool: 'fallback', isInFile: true },
  ])(
    'when it is large by many small members, which take more memory than their JSON, over %o',
    async (which) => {
      const { serverMb, clientMb } = await measure(which);
      expect(serverMb / MADE_ROWS_MB).toBeLessThan(MAX_RATIO);
      expect(clientMb / PARSED_ROWS_MB).toBeLessThan(MAX_RATIO);
    },
    60_000,
  );

  it.each<Case>([
    { way: 'stateless', tool: 'asked' },
    { way: 'stateless', tool: 'held' },
    { way: 'stateless', tool: 'asked', isInFile: true },
    { way: 'stateless', tool: 'held', isInFile: true },
    { way: 'stateless', tool: 'asked', isInFile: true, kind: 'pages' },
    { way: 'stdio', tool: 'held', isInFile: true },
    { way: 'stdio', tool: 'asked' },
    { way: 'local', tool: 'held' },
  ])(
    'as the result of a task, which is kept, over %o',
    async (which) => {
      const { serverMb, clientMb } = await measure(which);
      expect(serverMb / SIZE_MB).toBeLessThan(MAX_RATIO);
      expect(clientMb / SIZE_MB).toBeLessThan(MAX_RATIO);
    },
    60_000,
  );

  it.each<Case>([
    { way: 'stateless', tool: 'fallback' },
    { way: 'stateless', tool: 'fallback', isInFile: true, kind: 'structuredText' },
    { way: 'stateless', tool: 'keyed', isInFile: true },
    { way: 'session', tool: 'keyed', isInFile: true, kind: 'structuredText' },
    { way: 'sse', tool: 'fallback', isInFile: true, kind: 'bytes' },
    { way: 'stdio', tool: 'fallback', isInFile: true },
    { way: 'stateless', tool: 'fallback', isInFile: true, kind: 'pages' },
    { way: 'text/event-stream', tool: 'fallback', isInFile: true },
    { way: 'application/x-ndjson', tool: 'fallback', isInFile: true, kind: 'structuredText' },
  ])(
    'for a caller who waits for a task without knowing of it, over %o',
    async (which) => {
      const { serverMb, clientMb } = await measure(which);
      expect(serverMb / SIZE_MB).toBeLessThan(MAX_RATIO);
      expect(clientMb / SIZE_MB).toBeLessThan(MAX_RATIO);
    },
    60_000,
  );
});
