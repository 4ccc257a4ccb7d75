import { fromJson, isJsonObject, type JsonObject } from '../../base/json.ts';
import { StromError } from '../../base/strom-error.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * Says that an issuer gave no usable answer. The caller learns no more than that, and the log where it
 * was asked, but for the query, in which some services expect a key.
 */
export function issuerUnavailable(url: string, cause: unknown): StromError {
  const [place = ''] = url.split('?', 1);
  return new StromError('ERR_AUTH_UNAVAILABLE', `no answer from ${place}`, {
    publicMessage: 'Credentials cannot be checked at the moment',
    cause,
  });
}

export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

/**
 * Asks an issuer for a JSON object: at most 5 s and 1 MiB, and no redirects, which would lead to
 * somebody the operator has not named.
 *
 * @throws {StromError} `ERR_AUTH_UNAVAILABLE` for every other answer, or none
 */
export async function fetchJson(
  url: string,
  request: JsonRequest = { method: 'GET' },
): Promise<JsonObject> {
  try {
    const response = await fetch(url, {
      ...request,
      headers: { accept: 'application/json', ...request.headers },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200 || !JSON_TYPE.test(response.headers.get('content-type') ?? '')) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}, or no JSON`);
    }
    const value: unknown = fromJson(await boundedText(response));
    if (!isJsonObject(value)) throw new Error('no JSON object');
    return value;
  } catch (cause) {
    throw issuerUnavailable(url, cause);
  }
}

async function boundedText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
