/**
 * The contract between the worker and a format.
 *
 * A converter is a pure function from bytes to Markdown: no files, no network,
 * no state kept for the next document.
 *
 * @module
 */
import type { Limits } from '../base/limits.ts';
import type { Format } from './format.ts';

/** One document on its way into a converter. */
export interface Source {
  readonly bytes: Uint8Array;
  /** The file name without folders; used for titles only. */
  readonly name: string;
  readonly limits: Limits;
  /** Reports a finished page, slide, sheet or chapter, counted from 1. */
  onPage(page: number, total: number): Promise<void>;
}

/** What a converter makes of it. */
export interface Conversion {
  readonly markdown: string;
  /** Pages, slides, sheets or chapters, where the format has them. */
  readonly pages?: number;
}

export type Converter = (source: Source, format: Format) => Conversion | Promise<Conversion>;
