import { cleanText } from '../base/clean-text.ts';
import { OTHER } from '../base/name-census.ts';

/** Lets a bounded number of values through and calls all later ones {@link OTHER}. */
export class BoundedLabels {
  readonly #max: number;
  /** By the text as it came, so that it is made fit once. */
  readonly #known = new Map<string, string>();

  constructor(max: number) {
    this.#max = max;
  }

  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#max) return OTHER;
    const label = cleanText(text);
    this.#known.set(text, label);
    return label;
  }
}
