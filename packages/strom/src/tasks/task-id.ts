import { toBase64Url } from '../base/base64.ts';

const ID_BYTES = 24;

/** 192 random bits in visible ASCII: nobody guesses one, and no two are the same. */
export function newTaskId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}
