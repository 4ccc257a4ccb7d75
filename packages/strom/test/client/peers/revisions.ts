import { SESSION_REVISIONS, STATELESS_REVISION } from '../../../src/protocol/revisions/catalog.ts';

/** The revision without sessions. */
export const STATELESS = STATELESS_REVISION.date;
/** The newest revision with sessions. */
export const SESSION = SESSION_REVISIONS[0].date;
/** All revisions with sessions, newest first. */
export const SESSIONS = SESSION_REVISIONS.map(({ date }) => date);
