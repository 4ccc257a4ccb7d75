import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { TestProcess } from '../harness/child-process.ts';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { SseReader } from '../harness/sse-reader.ts';

/** A server in a process of its own, which has told where it is. */
class LeavingServer extends TestProcess {
  url = '';

  static async start(...args: readonly string[]): Promise<LeavingServer> {
    const server = new LeavingServer('leaving-server.ts', args);
    const [line] = await once(server.child.stdout.setEncoding('utf8'), 'data');
    server.url = String(line).trim();
    return server;
  }

  /** Calls a tool and waits until it has begun. */
  async begin(tool: string): Promise<SseReader> {
    const reader = new SseReader(await this.post('tools/call', { name: tool }, tool));
    expect(await reader.data()).toContain('begun');
    return reader;
  }

  post(method: string, params: Record<string, unknown>, name?: string): Promise<Response> {
    const _meta = { progressToken: 1 };
    const body = modernBody(method, { ...params, _meta });
    return fetch(this.url, { method: 'POST', headers: modernHeaders(method, name), body });
  }

  async status(path: string): Promise<number> {
    const answer = await fetch(new URL(path, this.url));
    await answer.text();
    return answer.status;
  }
}

const finalResult = (data: string): unknown => (JSON.parse(data) as { result?: unknown }).result;

describe('leaving on SIGTERM', () => {
  it('lets calls end, refuses new ones, ends subscriptions gracefully, and exits with 0', async () => {
    await using server = await LeavingServer.start();
    const listen = await server.post('subscriptions/listen', {
      notifications: { toolsListChanged: true },
    });
    const subscription = new SseReader(listen);
    expect(await subscription.data()).toContain('acknowledged');
    const call = await server.begin('finish');
    expect(await server.status('/readyz')).toBe(200);
    server.child.kill('SIGTERM');
    // The end of the subscription is the sign that the signal has arrived.
    expect(finalResult(await subscription.data())).toBeDefined();
    expect(await server.status('/readyz')).toBe(503);
    expect(await server.status('/healthz')).toBe(200);
    const refused = await server.post('tools/call', { name: 'finish' }, 'finish');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.text()).toContain('shutting down');
    server.child.stdin.write('open\n');
    expect(await call.data()).toContain('finished in peace');
    expect(await server.exited).toBe(0);
  });

  it('stops calls that outlast the deadline, and tells their callers and their handlers', async () => {
    await using server = await LeavingServer.start('50');
    const call = await server.begin('wait');
    server.child.kill('SIGTERM');
    expect(await call.data()).toContain('shutting down');
    expect(await server.exited).toBe(0);
    expect(server.stderr).toContain('stopped with ERR_SHUTTING_DOWN');
  });

  it('exits although a handler holds on to a timer', async () => {
    await using server = await LeavingServer.start('50');
    const call = await server.begin('cling');
    server.child.kill('SIGTERM');
    expect(await call.data()).toContain('shutting down');
    expect(await server.exited).toBe(0);
  });

  it('leaves at once on a second signal, whatever runs', async () => {
    await using server = await LeavingServer.start('3600000');
    const subscription = new SseReader(
      await server.post('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    );
    await subscription.data();
    await server.begin('wait');
    server.child.kill('SIGTERM');
    await subscription.data();
    server.child.kill('SIGINT');
    expect(await server.exited).toBe(130);
  });

  it('exits at once when nothing runs, open keep-alive connections notwithstanding', async () => {
    await using server = await LeavingServer.start('3600000');
    expect(await server.status('/healthz')).toBe(200);
    server.child.kill('SIGTERM');
    expect(await server.exited).toBe(0);
  });

  it('drains every worker', async () => {
    await using server = await LeavingServer.start('50', '2');
    const calls = await Promise.all([server.begin('wait'), server.begin('wait')]);
    server.child.kill('SIGTERM');
    for (const call of calls) expect(await call.data()).toContain('shutting down');
    expect(await server.exited).toBe(0);
  });
});
