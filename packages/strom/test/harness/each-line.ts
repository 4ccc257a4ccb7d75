import { LineDecoder } from '../../src/protocol/line-decode.ts';

/** Takes text that is cut anywhere, and gives its lines. */
export function eachLine(onLine: (line: string) => void): (text: string) => void {
  const options = { onLine, onOverlong: () => undefined, maxLineChars: Number.POSITIVE_INFINITY };
  const lines = new LineDecoder(options);
  return (text) => lines.push(text);
}
