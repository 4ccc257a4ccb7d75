import { describe, expect, it } from 'vitest';
import { TestProcess } from '../harness/child-process.ts';
import type { LargeKind } from './large-values.ts';

const SIZE_MB = 50;
const MAX_RATIO = 3;
/** What 48 MB of JSON take as 870 000 small objects, before anything is done with them. */
const ROWS_MB = 80;

interface Case {
  readonly way: string;
  readonly tool?: 'large' | 'told' | 'task';
  readonly kind?: LargeKind;
}

/** Both sides as processes of their own; the answer comes back over the transport that is tested. */
async function measure({ way, tool = 'large', kind = 'text' }: Case) {
  const isStdio = way === 'stdio';
  await using server = isStdio ? undefined : new TestProcess('../perf/large-server-fixture.ts');
  const url = (await server?.line()) ?? '';
  const args = [url, way, tool, kind, String(SIZE_MB)];
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

  it('when it is large by many small members, which take more memory than their JSON', async () => {
    const { serverMb, clientMb } = await measure({ way: 'stateless', kind: 'structuredRows' });
    expect(serverMb / ROWS_MB).toBeLessThan(MAX_RATIO + 1);
    expect(clientMb / ROWS_MB).toBeLessThan(MAX_RATIO + 1);
  }, 60_000);

  it('and once more in the server where it is the result of a task, which is kept', async () => {
    const { serverMb, clientMb } = await measure({ way: 'stdio', tool: 'task' });
    expect(serverMb / SIZE_MB).toBeLessThan(MAX_RATIO + 2);
    expect(clientMb / SIZE_MB).toBeLessThan(MAX_RATIO);
  }, 60_000);
});
