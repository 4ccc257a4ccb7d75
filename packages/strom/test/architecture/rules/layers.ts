import { importsOf, isRelative, resolveRelative, type Sources } from './sources.ts';

const LAYER_1 = ['base'];
const LAYER_2 = [...LAYER_1, 'protocol', 'schema'];
const LAYER_3 = [...LAYER_2, 'security', 'calls'];
const LAYER_4 = [...LAYER_3, 'session', 'tasks'];
const LAYER_6 = [...LAYER_4, 'server', 'client', 'transports', 'observe', 'stores'];
const LAYER_7 = [...LAYER_6, 'auth', 'serve', 'testing'];

/**
 * Each folder of `src/` with the folders it may import beside itself. `docs/design.md` says why; a
 * new folder gets its row here.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: LAYER_1,
  schema: LAYER_1,
  security: LAYER_2,
  calls: LAYER_2,
  session: LAYER_3,
  tasks: LAYER_3,
  server: LAYER_4,
  client: LAYER_2,
  transports: LAYER_4,
  observe: LAYER_4,
  stores: [...LAYER_4, 'server'],
  testing: [...LAYER_4, 'server'],
  auth: [...LAYER_2, 'security'],
  serve: LAYER_6,
  cli: LAYER_7,
  entry: LAYER_7,
};

const folderOf = (file: string): string => file.split('/', 1)[0] ?? '';

/** Imports that leave their layer, one sentence each. Paths are below `src/`. */
export function layerViolations(sources: Sources): readonly string[] {
  const found: string[] = [];
  for (const file of sources.keys()) {
    if (MAY_IMPORT[folderOf(file)] === undefined) found.push(`${file}: its folder has no layer`);
  }
  for (const { file, specifier } of importsOf(sources)) {
    if (!isRelative(specifier)) continue;
    const target = folderOf(resolveRelative(file, specifier));
    const own = folderOf(file);
    if (target !== own && MAY_IMPORT[own]?.includes(target) !== true) {
      found.push(`${file}: ${own} must not import ${target} (${specifier})`);
    }
  }
  return found;
}
