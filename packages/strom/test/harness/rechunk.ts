import fc from 'fast-check';

/** Cuts `text` at the given places, in any order, repeats allowed. */
export function cutAt(text: string, places: readonly number[]): string[] {
  const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  const pieces: string[] = [];
  let start = 0;
  for (const cut of cuts) {
    pieces.push(text.slice(start, cut));
    start = cut;
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** Cuts bytes at the given places; a cut may fall inside a multi-byte character. */
export function cutBytesAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const cut of cuts) {
    pieces.push(bytes.subarray(start, cut));
    start = cut;
  }
  pieces.push(bytes.subarray(start));
  return pieces;
}

/** Places to cut at, for {@link cutAt} and {@link cutBytesAt}. */
export const cutPlaces = fc.array(fc.nat(), { maxLength: 12 });

/** Text made of what frames are made of. */
export const hostileText = fc.string({
  unit: fc.constantFrom('a', ':', ' ', '\r', '\n', '\u2028', '\0', '世', '😀', 'data: x', 'id:'),
  maxLength: 60,
});
