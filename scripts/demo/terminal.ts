/** A run of characters of one look. */
export interface Run {
  readonly text: string;
  /** `bold`, a colour, or nothing. */
  readonly look: string;
}

type Cell = { char: string; look: string };

/** SGR parameters that the command line uses; anything else is shown plainly. */
const LOOKS: Readonly<Record<string, string>> = {
  '1': 'bold',
  '2': 'faint',
  '31': 'red',
  '32': 'green',
  '33': 'yellow',
  '36': 'cyan',
};

const ESCAPE = '\u001b';
const TOKEN = new RegExp(
  `${ESCAPE}\\[(?<parameters>[\\d;]*)(?<command>[A-Za-z])|(?<char>[\\s\\S])`,
  'gu',
);

/**
 * As much of a terminal as the command line needs: lines, carriage return, erasing to the end of the line,
 * colours. Lines never wrap and the screen never scrolls.
 */
export class Terminal {
  readonly #rows: Cell[][] = [[]];
  #column = 0;
  #look = '';

  write(text: string): void {
    for (const { groups = {} } of text.matchAll(TOKEN)) {
      if (groups['command'] === 'm') this.#look = LOOKS[groups['parameters'] ?? ''] ?? '';
      else if (groups['command'] === 'K') this.#row().length = this.#column;
      else if (groups['char'] !== undefined) this.#type(groups['char']);
    }
  }

  /** What each row shows now. */
  rows(): readonly (readonly Run[])[] {
    return this.#rows.map((row) => {
      const runs: { text: string; look: string }[] = [];
      for (const { char, look } of row) {
        const last = runs.at(-1);
        if (last?.look === look) last.text += char;
        else runs.push({ text: char, look });
      }
      return runs;
    });
  }

  #type(char: string): void {
    if (char === '\n') {
      this.#rows.push([]);
      this.#column = 0;
    } else if (char === '\r') this.#column = 0;
    else {
      this.#row()[this.#column] = { char, look: this.#look };
      this.#column += 1;
    }
  }

  #row(): Cell[] {
    return this.#rows.at(-1) ?? [];
  }
}
