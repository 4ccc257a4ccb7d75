import { z } from 'zod';

/** A folder as clients name it. */
export const folderSchema = z
  .string()
  .max(4096)
  .default('')
  .describe('Folder relative to the root, such as "minutes"; leave out for everything');
