/**
 * The documents server and its engine.
 *
 * @module
 */
export { ConvertError, FAILURE_TEXTS, type FailureCode } from '../base/convert-error.ts';
export { DEFAULT_LIMITS, type Limits } from '../base/limits.ts';
export {
  type ConvertRequest,
  createEngine,
  type Engine,
  type EngineOptions,
  type PageProgress,
} from '../engine.ts';
export { FORMATS, type Format } from '../formats/format.ts';
export type { Job } from '../jobs/job-store.ts';
export type { DocumentRecord, Manifest } from '../jobs/manifest.ts';
export type { ListedDocument } from '../roots/list-documents.ts';
export {
  createDocumentsServer,
  type DocumentsServer,
  type DocumentsServerOptions,
} from '../server.ts';
