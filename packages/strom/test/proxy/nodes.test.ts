import { describe, expect, it } from 'vitest';
import { plainCall } from '../faults/support/plain-call.ts';
import { ProbedProcess } from '../faults/support/probed-process.ts';
import { type BaseLine, baseLineAfter, harmOf } from '../faults/support/recovery.ts';
import { Disposables } from '../harness/disposables.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { isInstalled, ProxyProcess } from './proxy-process.ts';

const NODES = 3;
const HOST = ['Host', 'localhost'] as const;

interface NodeProcess {
  readonly process: ProbedProcess;
  readonly port: number;
  readonly base: BaseLine;
  call(): Promise<void>;
}

async function startNode(): Promise<NodeProcess> {
  const process = new ProbedProcess('../proxy/node-fixture.ts');
  const port = Number(await process.line());
  const call = (): Promise<void> =>
    plainCall({ url: `http://127.0.0.1:${port}`, host: 'localhost' });
  const base = await baseLineAfter(process, async () => {
    for (let count = 0; count < 30; count += 1) await call();
  });
  return { process, port, base, call };
}

/** Has calls run on every node and kills the first. */
async function killFirst(nodes: readonly NodeProcess[]): Promise<void> {
  await using stack = new Disposables();
  const proxy = stack.use(await ProxyProcess.nginx(nodes.map(({ port }) => port)));
  const steps = modernCall('steps', {}, { progressToken: 'p' });
  const open: RawConnection[] = [];
  for (let call = 0; call < NODES; call += 1) {
    const connection = stack.use(await RawConnection.open(proxy.port));
    connection.write(
      rawRequest(proxy.port, { ...steps, headers: [HOST, ...(steps.headers ?? [])] }),
    );
    await connection.until((text) => text.includes('first'));
    open.push(connection);
  }
  nodes[0]?.process.child.kill('SIGKILL');
  await nodes[0]?.process.exited;
  await Promise.race(open.map((connection) => connection.closed()));

  const { headers = [], body } = modernCall('echo', { text: 'hello' });
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const answer = await fetch(`${proxy.origin}/mcp`, {
        method: 'POST',
        headers: Object.fromEntries(headers),
        body: String(body),
      });
      await answer.arrayBuffer();
      return answer.status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  // Nothing was sent to another node a second time: one call broke off, the others still wait.
  expect(open.filter(({ isClosed }) => isClosed)).toHaveLength(1);
  expect(open.every(({ pending }) => !pending.includes('last'))).toBe(true);
}

describe.skipIf(!isInstalled('nginx'))('F09: three nodes behind nginx, one of them killed', () => {
  it('leave no call of others unanswered; those it ran break off and are not run again', async () => {
    await using stack = new Disposables();
    const nodes = await Promise.all(Array.from({ length: NODES }, startNode));
    for (const { process } of nodes) stack.use(process);
    await killFirst(nodes);
    for (const { base, call } of nodes.slice(1)) expect(await harmOf(base, call)).toEqual([]);
  });
});
