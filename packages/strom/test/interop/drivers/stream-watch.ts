/**
 * Tells when a session's own GET stream is open: the official clients open it unasked, in the
 * background, and a change the server announces before that reaches nobody.
 */
export interface StreamWatch {
  readonly fetch: typeof fetch;
  readonly opened: Promise<void>;
}

export function watchStream(): StreamWatch {
  let tell = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return {
    opened,
    async fetch(input, init) {
      const response = await fetch(input, init);
      if (init?.method === 'GET') tell();
      return response;
    },
  };
}
