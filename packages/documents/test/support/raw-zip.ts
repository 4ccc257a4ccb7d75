import { crc32, deflateRawSync } from 'node:zlib';

export interface RawEntry {
  readonly name: string;
  readonly content: Uint8Array;
  /** Overrides what the directory says; the data stays as it is. */
  readonly declaredBytes?: number;
  readonly flags?: number;
  readonly method?: number;
  /** Shares the local header of an earlier entry, as overlapping bombs do. */
  readonly sameDataAs?: number;
}

/** Writes a zip byte by byte, so that a test can lie in it. */
export function rawZip(entries: readonly RawEntry[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = deflateRawSync(entry.content);
    const name = Buffer.from(entry.name);
    const start = entry.sameDataAs === undefined ? offset : (offsets[entry.sameDataAs] ?? 0);
    offsets.push(start);
    if (entry.sameDataAs === undefined) {
      const local = localHeader(entry, data, name);
      parts.push(local, name, data);
      offset += local.length + name.length + data.length;
    }
    central.push(centralHeader(entry, data, name, start), name);
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, directory, end, Buffer.from(comment)]);
}

function localHeader(entry: RawEntry, data: Buffer, name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(entry.method ?? 8, 8);
  header.writeUInt32LE(crc32(entry.content), 14);
  header.writeUInt32LE(data.length, 18);
  header.writeUInt32LE(entry.declaredBytes ?? entry.content.length, 22);
  header.writeUInt16LE(name.length, 26);
  return header;
}

// biome-ignore lint/complexity/useMaxParams: the four things a directory entry is made of
function centralHeader(entry: RawEntry, data: Buffer, name: Buffer, start: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(entry.flags ?? 0, 8);
  header.writeUInt16LE(entry.method ?? 8, 10);
  header.writeUInt32LE(crc32(entry.content), 16);
  header.writeUInt32LE(data.length, 20);
  header.writeUInt32LE(entry.declaredBytes ?? entry.content.length, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(start, 42);
  return header;
}
