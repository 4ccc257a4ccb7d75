import { Memo } from '../base/memo.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import type { RequestFacts } from './request-facts.ts';

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:"utf-8"|utf-8)[ \t]*)?$/i;

const isJsonType = new Memo((type) => JSON_TYPE.test(type));

/**
 * Refuses a body that is not labelled as plain UTF-8 JSON. Browsers cannot send that label to
 * another site without asking first, which is what stops cross-site requests.
 */
export function checkJsonBody(facts: RequestFacts): StromError | undefined {
  if (!isJsonType.of(facts.header('content-type') ?? '')) {
    return publicError('ERR_MEDIA_TYPE', 'Content-Type must be application/json in UTF-8');
  }
  const encoding = facts.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return publicError('ERR_MEDIA_TYPE', 'Content-Encoding is not supported');
  }
  return undefined;
}

/**
 * The best of `offered` types for an Accept header, or `undefined` when none is acceptable. Between
 * types of equal quality the one the client names first wins, then the one offered first.
 */
export function negotiate<Type extends string>(
  accept: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = accept.split(',', MAX_RANGES).map(toRange);
  const matches = offered
    .map((type) => ({ type, ...matchOf(ranges, type) }))
    .filter(({ quality }) => quality > 0);
  matches.sort((a, b) => b.quality - a.quality || a.position - b.position);
  return matches[0]?.type;
}

const MAX_RANGES = 32;

interface Range {
  readonly name: string;
  readonly quality: number;
}

function toRange(text: string): Range {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  return { name, quality: qualityParameter(parameters) };
}

/** The quality the most specific matching range gives to a type, and the place of that range. */
function matchOf(ranges: readonly Range[], type: string): { quality: number; position: number } {
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const wanted of [type, family, '*/*']) {
    const position = ranges.findIndex(({ name }) => name === wanted);
    if (position !== -1) return { quality: ranges[position]?.quality ?? 0, position };
  }
  return { quality: 0, position: ranges.length };
}

function qualityParameter(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (text === undefined) return 1;
  const quality = Number(text);
  return quality >= 0 && quality <= 1 ? quality : 0;
}
