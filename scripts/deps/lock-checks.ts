/**
 * What the lockfile alone tells: licences, scripts that run at an install, bytes that are not pinned,
 * versions of Node that packages ask for.
 *
 * @module
 */
import { satisfies } from 'semver';
import { type CheckRow, row } from './check-row.ts';
import { DEVELOPMENT_LICENCES, isAllowed, RUNTIME_LICENCES } from './licence.ts';
import type { LockedPackage } from './lockfile.ts';

/** Licences that stand in the package itself and not in its entry; each was read by a person. */
const READ_BY_HAND: ReadonlyMap<string, string> = new Map([
  ['@modelcontextprotocol/inspector', 'MIT AND Apache-2.0'],
  ['@modelcontextprotocol/inspector-cli', 'MIT AND Apache-2.0'],
  ['@modelcontextprotocol/inspector-client', 'MIT AND Apache-2.0'],
  ['@modelcontextprotocol/inspector-server', 'MIT AND Apache-2.0'],
  ['@modelcontextprotocol/server-everything', 'MIT AND Apache-2.0'],
  ['png-js', 'MIT'],
  ['rechoir', 'MIT'],
]);

/** By package: whether its install script may run; packages that are not named may not have one. */
export type AllowedScripts = Readonly<Record<string, boolean>>;

export function checkLicences(packages: readonly LockedPackage[]): CheckRow {
  const wrong = packages.filter(({ name, licence, isForDevelopment }) => {
    const allowed = isForDevelopment ? DEVELOPMENT_LICENCES : RUNTIME_LICENCES;
    return !isAllowed(READ_BY_HAND.get(name) ?? licence ?? '', allowed);
  });
  return row('licences', {
    good: `${packages.length} packages`,
    problems: wrong.map((each) => `${label(each)}: ${each.licence ?? 'none named'}`),
  });
}

/** A name in the list that has no script any more is one too many. */
export function checkInstallScripts(
  packages: readonly LockedPackage[],
  allowed: AllowedScripts,
): CheckRow {
  const scripted = packages.filter(({ hasInstallScript }) => hasInstallScript);
  const names = new Set(scripted.map(({ name }) => name));
  const running = Object.keys(allowed).filter((name) => allowed[name]);
  return row('install scripts', {
    good: `${running.length} may run, ${names.size - running.length} may not`,
    problems: [
      ...scripted
        .filter(({ name }) => !Object.hasOwn(allowed, name))
        .map((each) => `${label(each)}: not in allowScripts`),
      ...Object.keys(allowed)
        .filter((name) => !names.has(name))
        .map((name) => `${name}: in allowScripts, and has no script`),
    ],
  });
}

/** Optional packages of platforms that nobody here has installed come without, and are only told of. */
export function checkPins(packages: readonly LockedPackage[]): CheckRow {
  const loose = packages.filter(({ isPinned }) => !isPinned);
  const optional = loose.filter(({ isOptional }) => isOptional).length;
  return row('pinned bytes', {
    good: `${packages.length - optional} packages, ${optional} optional ones without`,
    problems: loose
      .filter(({ isOptional }) => !isOptional)
      .map((each) => `${label(each)}: no integrity`),
  });
}

/**
 * Whoever installs what is published has the oldest Node it promises to run on. What is for development
 * alone runs where the tests run, which tell.
 */
export function checkNodeRanges(packages: readonly LockedPackage[], oldestNode: string): CheckRow {
  const published = packages.filter(({ isForDevelopment }) => !isForDevelopment);
  const tooNew = published.filter(
    ({ nodeRange }) => nodeRange !== undefined && !satisfies(oldestNode, nodeRange),
  );
  return row('versions of Node', {
    good: `${published.length} published packages run on ${oldestNode}`,
    problems: tooNew.map((each) => `${label(each)}: wants Node ${each.nodeRange}`),
  });
}

function label({ name, version }: LockedPackage): string {
  return `${name} ${version}`;
}
