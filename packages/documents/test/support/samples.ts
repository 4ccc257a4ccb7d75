import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { completeLimits, type Limits } from '../../src/base/limits.ts';
import type { Source } from '../../src/formats/converter.ts';

export const SAMPLES = join(import.meta.dirname, '../../samples');

/** A sample as a converter gets it; finished pages are kept in `pages`. */
export async function sample(name: string): Promise<Source & { pages: number[] }> {
  return source(await readFile(join(SAMPLES, name)), { name: basename(name) });
}

/** Any bytes as a converter gets them. */
export function source(
  content: string | Uint8Array,
  options: { name?: string; limits?: Partial<Limits> } = {},
): Source & { pages: number[] } {
  const pages: number[] = [];
  return {
    bytes: typeof content === 'string' ? Buffer.from(content) : content,
    name: options.name ?? 'document',
    limits: completeLimits(options.limits),
    pages,
    async onPage(page) {
      pages.push(page);
    },
  };
}

/** The code a thrown engine failure carries. */
export function withCode(code: string): unknown {
  return {
    asymmetricMatch: (error: { code?: unknown }) => error?.code === code,
    toString: () => code,
  };
}
