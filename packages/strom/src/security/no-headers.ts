/** One for all, so that it can be told from headers there are. */
export const NO_HEADERS: Readonly<Record<string, string>> = {};
