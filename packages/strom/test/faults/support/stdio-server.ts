import { afterAll, expect } from 'vitest';
import { modernBody } from '../../harness/mcp-request.ts';
import { ProbedProcess } from './probed-process.ts';
import { type BaseLine, baseLineAfter, harmOf } from './recovery.ts';

const FIXTURE = '../harness/stdio-fixture.ts';
/** What runs for the first time compiles code and fills caches once. */
const WARM_UP_CALLS = 20;

afterAll(() => StdioServer.end());

/** The line of a plain call. */
export function hello(id: unknown): string {
  return `${modernBody('tools/call', { name: 'hello' }, id)}\n`;
}

/** A server on its standard streams, which must have taken no harm when it is disposed of. */
export class StdioServer extends ProbedProcess {
  static #idle: StdioServer | undefined;
  #base: BaseLine | undefined;

  /** The one of the last case, when it lives and took no harm. */
  static async start(): Promise<StdioServer> {
    const known = StdioServer.#idle;
    StdioServer.#idle = undefined;
    if (known?.isAlive === true) return known;
    const server = new StdioServer(FIXTURE);
    await server.checkAlive();
    server.#base = await baseLineAfter(server, async () => {
      for (let count = 0; count < WARM_UP_CALLS; count += 1) await server.checkAlive();
    });
    return server;
  }

  /** A plain call must be answered, and nothing before it. */
  async checkAlive(): Promise<void> {
    this.write(hello('alive'));
    expect(await this.message()).toMatchObject({ id: 'alive', result: { resultType: 'complete' } });
  }

  /** What the case has done to the server; empty when it took no harm. */
  harm(): Promise<string[]> {
    if (this.#base === undefined) throw new Error('the server was not started');
    return harmOf(this.#base, () => this.checkAlive());
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const harm = this.isAlive ? await this.harm() : [];
    if (this.isAlive && harm.length === 0) StdioServer.#idle = this;
    else await this.kill();
    expect(harm).toEqual([]);
  }

  kill(): Promise<void> {
    return super[Symbol.asyncDispose]();
  }

  static async end(): Promise<void> {
    await StdioServer.#idle?.kill();
  }
}
