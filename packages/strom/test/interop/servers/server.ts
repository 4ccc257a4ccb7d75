import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import type { Target, TransportName } from '../drivers/driver.ts';

/** What a server offers for each operation of the matrix. */
export interface ServerPlan {
  /** A tool it lists. */
  readonly listed: string;
  /** A tool that reports progress three times or more. */
  readonly progress: {
    readonly tool: string;
    readonly total: number;
    arguments(run: string): Record<string, unknown>;
    /** A tool to be told that a report has arrived, without which the next is not made. */
    readonly acknowledge?: string;
  };
  /** A tool that logs, and whether calling it again is what makes it stop. */
  readonly log: { readonly tool: string; readonly isToggle: boolean };
  /** A tool that asks with a form, and what it says when the field `name` was filled with `Ada`. */
  readonly ask: { readonly tool: string; readonly says: RegExp };
  /** A tool that reports progress at once and can be cancelled then. */
  readonly cancel: {
    readonly tool: string;
    arguments(run: string): Record<string, unknown>;
    /** A tool that tells, once it is so, that the first was stopped. */
    readonly confirm?: string;
  };
  /** A resource that can be watched, and a tool that changes it. */
  readonly subscribe: { readonly uri: string; readonly tool: string; readonly isToggle: boolean };
}

/** A server that can be reached in some ways. */
export interface RunningServer extends AsyncDisposable {
  readonly plan: ServerPlan;
  /** Where it is; `undefined` for a transport it does not have. */
  target(transport: TransportName): Target | undefined;
}

const OUT = path.join(import.meta.dirname, 'out');

/** Makes a program of a file of this folder, so that a client can start it without a loader. */
export async function program(file: string): Promise<Target> {
  const name = `${path.parse(file).name}.mjs`;
  await mkdir(OUT, { recursive: true });
  await build({
    entryPoints: [path.join(import.meta.dirname, file)],
    outfile: path.join(OUT, name),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  return { transport: 'stdio', command: process.execPath, args: [path.join(OUT, name)] };
}
