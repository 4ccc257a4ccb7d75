import { readdirSync, readlinkSync } from 'node:fs';

const OWN = '/proc/self/fd';

/** Sockets, pipes and files of this process. What has no name in the file system belongs to the event loop. */
export function openDescriptors(): number {
  let count = 0;
  for (const name of readdirSync(OWN)) {
    try {
      if (!readlinkSync(`${OWN}/${name}`).startsWith('anon_inode:')) count += 1;
    } catch {
      // That of the folder itself, which is closed by now.
    }
  }
  return count;
}
