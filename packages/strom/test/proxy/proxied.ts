import type { RunOptions } from '../../src/serve/run-options.ts';
import type { Strom } from '../../src/serve/strom.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

/** Options of a node as the documents give them to one behind a proxy. */
const BEHIND_PROXY: RunOptions = {
  publicUrl: 'https://localhost',
  behindProxy: true,
  trustedProxies: ['127.0.0.1'],
};

export interface Node extends Started {
  /** Lets the oldest call of `steps` that waits go on. */
  step(): void;
  /** How often `count` has run. */
  readonly counted: number;
  /** Resolves with the reason when a call of `steps` is stopped. */
  readonly stopped: Promise<unknown>;
}

/** A node with `steps`, which says something and waits; `count`; and `whence`. */
export async function startNode(run: RunOptions = {}): Promise<Node> {
  let counted = 0;
  let step = (): void => undefined;
  let stop = (_: unknown): void => undefined;
  const stopped = new Promise((resolve) => {
    stop = resolve;
  });
  const configure = (strom: Strom): void => {
    strom.tool('count', { description: 'Counts' }, () => {
      counted += 1;
      return `${counted}`;
    });
    strom.tool('whence', { description: 'Tells' }, (_, ctx) => `from ${ctx.principal.address}`);
    strom.tool('steps', { description: 'Says something and waits' }, async (_, ctx) => {
      const told = new Promise<void>((resolve) => {
        step = resolve;
        ctx.signal.addEventListener('abort', () => {
          // Not the error, whose stack would hold on to the connection.
          stop({ code: ctx.signal.reason.code });
          resolve();
        });
      });
      await ctx.progress(1, 2, 'first');
      await told;
      return 'last';
    });
  };
  const started = await startStrom(configure, { run: { ...BEHIND_PROXY, ...run } });
  return {
    ...started,
    step: () => step(),
    get counted() {
      return counted;
    },
    stopped,
  };
}
