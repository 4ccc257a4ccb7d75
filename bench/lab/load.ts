import type { Jobs } from '../load/main.ts';
import { Child } from './child.ts';
import { BENCH_FOLDER } from './contenders.ts';
import { LOAD_CORE } from './pin.ts';

/** On one core the threads that collect garbage together only wait for one another. */
const GC_FLAGS = ['--single-threaded-gc'];

/** The load process, as the bench sees it. */
export class Load implements AsyncDisposable {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  /** @param isUnpinned - may use every core, as the servers it calls may */
  static async start(isUnpinned = false): Promise<Load> {
    const args = [...GC_FLAGS, '--import', 'tsx', 'load/main.ts'];
    const core = isUnpinned ? undefined : LOAD_CORE;
    return new Load(await Child.start({ core, args, cwd: BENCH_FOLDER }));
  }

  run<Name extends keyof Jobs>(
    name: Name,
    ...params: Parameters<Jobs[Name]>
  ): Promise<Awaited<ReturnType<Jobs[Name]>>> {
    return this.#child.ask(name, params[0]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}
