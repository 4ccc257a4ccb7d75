/** The validated value, or what is wrong with it, one sentence an issue. */
export type Validation = { readonly value: unknown } | { readonly issues: readonly string[] };

/** Synchronous for most schemas; a promise where a schema has asynchronous checks. */
export type Validator = (value: unknown) => Validation | Promise<Validation>;
