/** Tells whether the process has more to do than is good for it. */
export interface LoadWatch {
  readonly isOverloaded: boolean;
}
