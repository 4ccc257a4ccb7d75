/**
 * Suggests values that go on from what was typed so far.
 *
 * @param value - what was typed
 * @param known - the other arguments that have a value already
 */
export type Completer = (
  value: string,
  known: Readonly<Record<string, unknown>>,
) => readonly string[] | Promise<readonly string[]>;
