import type { Heap } from '../base/heap-watch.ts';

/** What the young generation takes of the limit, which counts both: three times 16 MiB. */
const YOUNG_BYTES = 48 * 1024 * 1024;

/** The heap of this process; `undefined` on hosts that tell nothing of it. */
export function hostHeap(): Heap | undefined {
  // Not imported: the same class serves on hosts that have no such modules.
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8');
  const vm = globalThis.process?.getBuiltinModule?.('node:vm');
  if (v8 === undefined || vm === undefined) return undefined;
  const limit = v8.getHeapStatistics().heap_size_limit - YOUNG_BYTES;
  if (!(limit > 0)) return undefined;
  let collect: (() => void) | undefined;
  return {
    use() {
      let used = 0;
      for (const { space_name, space_used_size } of v8.getHeapSpaceStatistics()) {
        // A process dies of an old generation that is full; the young one is made empty all the time.
        if (!space_name.startsWith('new_')) used += space_used_size;
      }
      return used / limit;
    },
    collect() {
      v8.setFlagsFromString('--expose-gc');
      collect ??= vm.runInNewContext('gc') as () => void;
      collect();
    },
  };
}
