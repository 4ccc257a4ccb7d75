import { toBase64Url } from '../base/base64.ts';

const ID_BYTES = 24;

/** 192 random bits in visible ASCII: nobody guesses one, and no two are the same. */
export function newTaskId(): string {
  const id = toBase64Url(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
  // People type ids on command lines, where a word that begins with a hyphen is an option.
  return id.startsWith('-') ? newTaskId() : id;
}
