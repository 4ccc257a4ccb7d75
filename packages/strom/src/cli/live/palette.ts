import { styleText } from 'node:util';
import { plainText } from './terminal-text.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (text: string) => string;

/** The colours of the command line; every one leaves text as it is where there is no colour. */
export interface Palette {
  readonly strong: Paint;
  readonly faint: Paint;
  readonly accent: Paint;
  readonly good: Paint;
  readonly warning: Paint;
  readonly bad: Paint;
}

/** @param hasColor - decided by the caller; the environment is not looked at here */
export function createPalette(hasColor: boolean): Palette {
  const paint = (style: Style): Paint =>
    hasColor ? (text) => styleText(style, text, { validateStream: false }) : (text) => text;
  return {
    strong: paint('bold'),
    faint: paint('dim'),
    accent: paint('cyan'),
    good: paint('green'),
    warning: paint('yellow'),
    bad: paint('red'),
  };
}

/** A line of the program's own, safe for a terminal even where it quotes a server. */
export function paintNote(text: string, palette: Palette, tone?: keyof Palette): string {
  const plain = plainText(text);
  return tone === undefined ? plain : palette[tone](plain);
}
