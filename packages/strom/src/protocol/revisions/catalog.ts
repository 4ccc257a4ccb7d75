/**
 * All revisions this library speaks, newest first.
 *
 * @module
 */
import { publicError, type StromError } from '../../base/strom-error.ts';
import type { Revision } from '../revision.ts';
import { REVISION_2024_11_05 } from './2024-11-05/codec.ts';
import { REVISION_2025_03_26 } from './2025-03-26/codec.ts';
import { REVISION_2025_06_18 } from './2025-06-18/codec.ts';
import { REVISION_2025_11_25 } from './2025-11-25/codec.ts';
import { statelessRevision } from './2026-07-28/codec.ts';

/** The revisions that open with a handshake, newest first. */
export const SESSION_REVISIONS: readonly [Revision, ...Revision[]] = [
  REVISION_2025_11_25,
  REVISION_2025_06_18,
  REVISION_2025_03_26,
  REVISION_2024_11_05,
];

/** The revision without sessions. */
export const STATELESS_REVISION: Revision = statelessRevision(
  SESSION_REVISIONS.map((revision) => revision.date),
);

const BY_DATE: ReadonlyMap<string, Revision> = new Map(
  [STATELESS_REVISION, ...SESSION_REVISIONS].map((revision) => [revision.date, revision]),
);

/** The dates of all revisions, newest first. */
export const REVISION_DATES: readonly string[] = [...BY_DATE.keys()];

/** The revision of that date, or `undefined`. */
export function revisionOf(date: string): Revision | undefined {
  return BY_DATE.get(date);
}

/** What sessions answer themselves, and what clients only notify of. */
const OTHER_METHODS = new Set([
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
]);

/** Whether clients of any revision have a method of that name. */
export function isMethod(name: string): boolean {
  const [newestSession] = SESSION_REVISIONS;
  const revisions = [STATELESS_REVISION, newestSession];
  return (
    revisions.some(({ operationOf }) => operationOf(name) !== undefined) || OTHER_METHODS.has(name)
  );
}

/**
 * The revision a session opens with: the one the client asked for, else the newest we know.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#version-negotiation
 */
export function negotiateSession(requested: unknown): Revision {
  const match = SESSION_REVISIONS.find((revision) => revision.date === requested);
  return match ?? SESSION_REVISIONS[0];
}

/** The answer to a version nobody here speaks; it lists those we do. */
export function unsupportedVersion(requested: string): StromError {
  return publicError('ERR_UNSUPPORTED_VERSION', 'Unsupported protocol version', {
    supported: REVISION_DATES,
    requested,
  });
}
