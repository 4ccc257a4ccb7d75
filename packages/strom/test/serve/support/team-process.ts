import { TestProcess, type TestProcessOptions } from '../../harness/child-process.ts';

interface TeamOptions extends TestProcessOptions {
  /** What the workers run. */
  readonly module?: string;
  readonly args?: readonly string[];
}

/** Starts several workers behind one port, with their primary; resolves when they listen. */
export async function startTeam({ module, args, ...options }: TeamOptions = {}) {
  const team = new TestProcess(module ?? '../serve/workers-fixture.ts', args, options);
  const url = await team.line();
  if (url === undefined) throw new Error(`no team: ${team.stderr}`);
  return { url, team, [Symbol.asyncDispose]: () => team[Symbol.asyncDispose]() };
}
