/** One entry of `packages` in a lockfile. */
interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly engines?: { readonly node?: string };
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** A package somebody else made, as the lockfile knows it. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  /** The versions of Node it says it runs on; `undefined` where it names none. */
  readonly nodeRange: string | undefined;
  /** Whether nothing that is published needs it. */
  readonly isForDevelopment: boolean;
  readonly isOptional: boolean;
  readonly hasInstallScript: boolean;
  /** Whether the lockfile says which bytes it has. */
  readonly isPinned: boolean;
}

const FOLDER = 'node_modules/';

/** The packages of a lockfile, the project's own left out. */
export function packagesOf({ packages }: Lockfile): readonly LockedPackage[] {
  const found: LockedPackage[] = [];
  for (const [path, entry] of Object.entries(packages)) {
    const at = path.lastIndexOf(FOLDER);
    if (at === -1 || entry.link === true) continue;
    found.push({
      name: path.slice(at + FOLDER.length),
      version: entry.version ?? '?',
      licence: entry.license,
      nodeRange: entry.engines?.node,
      isForDevelopment: entry.dev === true,
      isOptional: entry.optional === true,
      hasInstallScript: entry.hasInstallScript === true,
      isPinned: entry.integrity !== undefined,
    });
  }
  return found;
}
