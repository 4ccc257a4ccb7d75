/** Resources that are released together, the last one first. */
export class Disposables implements AsyncDisposable {
  readonly #resources: AsyncDisposable[] = [];

  use(resource: AsyncDisposable): void {
    this.#resources.push(resource);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#resources.reverse()) await resource[Symbol.asyncDispose]();
  }
}
