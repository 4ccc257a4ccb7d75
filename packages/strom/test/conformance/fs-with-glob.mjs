/** The part of `fs` that the official suite imports. */
import * as fs from 'node:fs';

export const { existsSync, mkdtempSync, promises, readFileSync, readdirSync, writeFileSync } = fs;

export function globSync() {
  throw new Error('fs.globSync needs Node 22');
}
