/** Who can be in a roster, in one at a time. */
export interface Member {
  /** Kept by the roster. */
  place: number | undefined;
}

/**
 * Those who are there at the moment, in no order; its places are used again.
 *
 * A `Set` in which thousands come and go makes itself a new table every few dozen of them. Once the process
 * has collected all its garbage, each table it has left keeps who was in it alive until the next time, which
 * makes a call that takes a turn of the event loop half as dear again.
 */
export class Roster<Some extends Member> implements Iterable<Some> {
  readonly #places: (Some | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** As many as there have ever been at a time. */
  get places(): number {
    return this.#places.length;
  }

  /** Who has a place now, if anybody. */
  at(place: number): Some | undefined {
    return this.#places[place];
  }

  has(member: Some): boolean {
    return member.place !== undefined && this.#places[member.place] === member;
  }

  add(member: Some): void {
    if (this.has(member)) return;
    member.place = this.#free.pop() ?? this.#places.length;
    this.#places[member.place] = member;
  }

  /** @returns whether it was there */
  delete(member: Some): boolean {
    const { place } = member;
    if (place === undefined || !this.has(member)) return false;
    this.#places[place] = undefined;
    this.#free.push(place);
    member.place = undefined;
    return true;
  }

  /** Goes on while members come and go; who comes meanwhile may be left out. */
  *[Symbol.iterator](): Generator<Some, undefined> {
    for (const member of this.#places) if (member !== undefined) yield member;
  }
}
