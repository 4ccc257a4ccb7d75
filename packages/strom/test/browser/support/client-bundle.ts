import path from 'node:path';
import { build, type Metafile } from 'esbuild';

const SOURCES = path.resolve(import.meta.dirname, '../../../src');

/** Our client as a browser loads it: one script, and what that script loads on demand. */
export interface ClientBundle {
  /** The scripts by file name; `program.js` is where a page begins. */
  readonly scripts: ReadonlyMap<string, string>;
  /** What is loaded at once, as imports that are left for the browser to find. */
  readonly imports: readonly string[];
  /** Scripts that are loaded on demand only, with the imports they leave open. */
  readonly onDemand: ReadonlyMap<string, readonly string[]>;
}

/** Bundles `entry/client.ts`, alone or as part of the program that a test page runs. */
export async function bundleClient(what: 'entry' | 'program'): Promise<ClientBundle> {
  const entry =
    what === 'entry'
      ? path.join(SOURCES, 'entry/client.ts')
      : path.join(import.meta.dirname, 'page-program.ts');
  const { outputFiles, metafile } = await build({
    entryPoints: { program: entry },
    outdir: 'out',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    external: ['node:*'],
    metafile: true,
    write: false,
  });
  const scripts = new Map(outputFiles.map((file) => [path.basename(file.path), file.text]));
  return { scripts, ...openImports(metafile) };
}

function openImports({ outputs }: Metafile): Pick<ClientBundle, 'imports' | 'onDemand'> {
  const loaded = reach(outputs, ['out/program.js']);
  const isLater = (file: string): boolean => !loaded.has(file);
  const later = Object.keys(outputs).filter(isLater);
  const leftOpen = (file: string): string[] =>
    (outputs[file]?.imports ?? []).filter((each) => each.external).map((each) => each.path);
  return {
    imports: [...loaded].flatMap(leftOpen),
    onDemand: new Map(later.map((file) => [path.basename(file), leftOpen(file)])),
  };
}

/** The outputs that are loaded together with the given ones. */
function reach(outputs: Metafile['outputs'], files: readonly string[]): ReadonlySet<string> {
  const reached = new Set(files);
  for (const file of reached) {
    for (const { path: next, kind, external } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) reached.add(next);
    }
  }
  return reached;
}
