import { importsOf, isRelative, resolveRelative, type Sources } from './sources.ts';

/**
 * Import cycles between modules, type imports included: code that can only be understood together
 * belongs together. `import()` is left out, because loading on demand is how a cycle is cut.
 *
 * @returns each cycle once, as `a -> b -> a`
 */
export function importCycles(sources: Sources): readonly string[] {
  const edges = edgesOf(sources);
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    trail.push(file);
    for (const target of edges.get(file) ?? []) visit(target);
    trail.pop();
    state.set(file, 'done');
  };
  for (const file of sources.keys()) visit(file);
  return found;
}

function edgesOf(sources: Sources): ReadonlyMap<string, readonly string[]> {
  const edges = new Map<string, string[]>();
  for (const { file, specifier, kind } of importsOf(sources)) {
    if (kind === 'dynamic' || !isRelative(specifier)) continue;
    const targets = edges.get(file) ?? [];
    targets.push(resolveRelative(file, specifier));
    edges.set(file, targets);
  }
  return edges;
}
