/**
 * Lets the official suite start on Node 20: it imports `globSync` from `fs`, which Node has since
 * 22, for a subcommand that is not used here. Load it with `node --import`.
 */
import * as fs from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// The hooks themselves run on a thread of their own, where this file is loaded once more.
if (isMainThread && !('globSync' in fs)) register(import.meta.url);

const SUITE = '/@modelcontextprotocol/conformance/dist/index.js';

export function resolve(specifier, context, nextResolve) {
  if (specifier !== 'fs' || context.parentURL?.endsWith(SUITE) !== true) {
    return nextResolve(specifier, context);
  }
  return nextResolve(new URL('fs-with-glob.mjs', import.meta.url).href, context);
}
