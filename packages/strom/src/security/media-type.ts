import { publicError, type StromError } from '../base/strom-error.ts';
import type { RequestFacts } from './request-facts.ts';

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:"utf-8"|utf-8)[ \t]*)?$/i;

/**
 * Refuses a body that is not labelled as plain UTF-8 JSON. Browsers cannot send that label to
 * another site without asking first, which is what stops cross-site requests.
 */
export function checkJsonBody(facts: RequestFacts): StromError | undefined {
  if (!JSON_TYPE.test(facts.header('content-type') ?? '')) {
    return publicError('ERR_MEDIA_TYPE', 'Content-Type must be application/json in UTF-8');
  }
  const encoding = facts.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return publicError('ERR_MEDIA_TYPE', 'Content-Encoding is not supported');
  }
  return undefined;
}

/** The best of `offered` types for an Accept header, or `undefined` when none is acceptable. */
export function negotiate<Type extends string>(
  accept: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  let best: Type | undefined;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(accept, type);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

const MAX_RANGES = 32;

/** The quality the most specific matching range gives to a type. */
function qualityOf(accept: string, type: string): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  let specificity = -1;
  let quality = 0;
  for (const range of accept.split(',', MAX_RANGES)) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const match = ['*/*', family, type].indexOf(name);
    if (match <= specificity) continue;
    specificity = match;
    quality = qualityParameter(parameters);
  }
  return quality;
}

function qualityParameter(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (text === undefined) return 1;
  const quality = Number(text);
  return quality >= 0 && quality <= 1 ? quality : 0;
}
