/**
 * Takes numbers, and what is not set. With anything else, `NaN` of a variable that is not there for one,
 * every comparison is false: a limit that holds nothing up, and nobody would hear of it.
 *
 * @param least - the smallest that makes sense; any size above is fine
 * @throws {TypeError} naming the option
 */
export function checkLimits<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
  least = 0,
): void {
  for (const name of names) {
    const value: unknown = options[name];
    if (value === undefined || (typeof value === 'number' && value >= least)) continue;
    throw new TypeError(`${name} must be a number from ${least} on`);
  }
}
