/** Of all objects that were ever added, those that something else still holds and that are wanted. */
export class LiveSet {
  readonly #isWanted: (object: object) => boolean;
  #members: WeakRef<object>[] = [];
  #sweepAt = 1000;

  constructor(isWanted: (object: object) => boolean = () => true) {
    this.#isWanted = isWanted;
  }

  add(object: object): void {
    this.#members.push(new WeakRef(object));
    if (this.#members.length < this.#sweepAt) return;
    this.members();
    this.#sweepAt = 2 * this.#members.length + 1000;
  }

  /** Garbage is left out once it was collected. */
  members(): object[] {
    const found: object[] = [];
    this.#members = this.#members.filter((member) => {
      const object = member.deref();
      const isMember = object !== undefined && this.#isWanted(object);
      if (isMember) found.push(object);
      return isMember;
    });
    return found;
  }
}
