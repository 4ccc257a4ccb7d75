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
  /** What a proxy that is trusted says of the request; absent where none has spoken. */
  readonly forwarded?: Forwarded | undefined;
}

/** Where a request comes from, as a trusted proxy tells it. */
export interface Forwarded {
  /** The client's address in its canonical spelling. */
  readonly address: string;
  /** Whether the client spoke TLS; `undefined` where the proxy does not tell. */
  readonly isEncrypted: boolean | undefined;
  /** The host the client asked for, as in `Host`; `undefined` where the proxy does not tell. */
  readonly host: string | undefined;
}
