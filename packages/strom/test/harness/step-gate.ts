/** Lets steps pass one by one: each release lets one through, now or when it comes. */
export class StepGate {
  #open: (() => void)[] = [];
  #spare = 0;

  release(): void {
    const open = this.#open.shift();
    if (open === undefined) this.#spare += 1;
    else open();
  }

  pass(): Promise<void> {
    if (this.#spare > 0) {
      this.#spare -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#open.push(resolve));
  }
}
