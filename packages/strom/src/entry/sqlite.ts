/**
 * `strom/sqlite`: a store in a file.
 *
 * @module
 */
export { type SqliteStoreOptions, sqliteStore } from '../stores/sqlite/sqlite-store.ts';
