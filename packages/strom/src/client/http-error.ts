/**
 * HTTP answers that are no answers: refusals, error pages, redirects.
 *
 * A body may come from any proxy on the way. It is read up to a bound, a JSON-RPC error in it is
 * passed on, and of the rest only a short, plain excerpt is ever shown.
 *
 * @module
 */
import { isJsonObject, ownValue, textOr } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import { readText } from './http-body.ts';

/** An error body is read no further than this. */
export const MAX_ERROR_BODY_CHARS = 64 * 1024;
const MAX_EXCERPT_CHARS = 120;
/** Here the status says more than any body could: sign in, or you may not. */
const ACCESS_STATUSES = new Set([401, 403, 407]);

/** A refusal: the status, and the JSON-RPC error of the body where there is one. */
export interface Refusal {
  readonly status: number;
  readonly wire: WireError | undefined;
  /** The error to throw: the wire error if there is one, else `ERR_HTTP_STATUS`. */
  readonly error: WireError | StromError;
}

/** What an `ERR_HTTP_STATUS` tells in its `data`. */
export interface HttpStatusData {
  readonly status: number;
  /** The server's challenge, on 401 and 403. */
  readonly challenge?: string;
}

/** The JSON-RPC error in a text, read leniently: error bodies often have `"id": null`. */
export function wireErrorIn(text: string): WireError | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Any text may stand in an error body; what is no JSON is simply no wire error.
    return undefined;
  }
  if (!isJsonObject(value) || ownValue(value, 'jsonrpc') !== '2.0') return undefined;
  const error = ownValue(value, 'error');
  if (!isJsonObject(error)) return undefined;
  const code = ownValue(error, 'code');
  if (typeof code !== 'number' || !Number.isInteger(code)) return undefined;
  return new WireError(code, textOr(ownValue(error, 'message'), ''), ownValue(error, 'data'));
}

function printable(text: string): string {
  const plain = text.replace(/[^\x20-\x7e\u00a0-\ud7ff]+/g, ' ').trim();
  return plain.length > MAX_EXCERPT_CHARS ? `${plain.slice(0, MAX_EXCERPT_CHARS)}…` : plain;
}

function describeBody(type: string, text: string): string {
  if (text.trim() === '') return '';
  if (type.includes('html') || text.trimStart().startsWith('<')) return ' with an HTML page';
  return `: ${printable(text)}`;
}

/** Reads a refusing answer to its end and says what it means. */
export async function readRefusal(response: Response): Promise<Refusal> {
  return refusalOf(response, await readText(response, MAX_ERROR_BODY_CHARS).catch(() => ''));
}

/** What a refusing answer means, given its body. */
export function refusalOf(response: Response, text: string): Refusal {
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  const wire = wireErrorIn(text);
  const challenge = response.headers.get('www-authenticate');
  const data: HttpStatusData = { status, ...(challenge !== null && { challenge }) };
  const message = `the server answered HTTP ${status}${describeBody(type, text)}`;
  const isRefusedAccess = ACCESS_STATUSES.has(status);
  const error = new StromError('ERR_HTTP_STATUS', message, { data });
  return { status, wire, error: isRefusedAccess ? error : (wire ?? error) };
}

/** The HTTP status behind an error, if it is one of an HTTP answer. */
export function httpStatusOf(error: unknown): number | undefined {
  if (!(error instanceof StromError) || !isJsonObject(error.data)) return undefined;
  const status = ownValue(error.data, 'status');
  return typeof status === 'number' ? status : undefined;
}
