/** What a verdict may look at. Header names are lower-case in `header`, as sent in `rawHeaders`. */
export interface RequestFacts {
  readonly method: string;
  /** The request target as sent. */
  readonly target: string;
  /** Name, value, name, value, … in the order they were sent. */
  readonly rawHeaders: readonly string[];
  header(name: string): string | undefined;
  /** The port the connection arrived at, where the host tells. */
  readonly localPort: number | undefined;
  readonly isEncrypted: boolean;
}
