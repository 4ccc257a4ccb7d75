/**
 * What a client can connect to.
 *
 * @module
 */
import type { LocalTarget } from '../protocol/local-target.ts';

/** A server to start as a child process. Needs a runtime with processes: Node, Bun or Deno. */
export interface CommandTarget {
  /** The program; found through `PATH`, never through a shell. */
  command: string;
  args?: readonly string[];
  /**
   * Variables for the server, on top of a short list of harmless ones (`PATH`, `HOME`, `LANG`…).
   * Nothing else of this process's environment is passed on, because it may hold secrets.
   */
  env?: Readonly<Record<string, string>>;
  /** Working folder. Default: that of this process. */
  cwd?: string;
  /** What becomes of the server's stderr: shown, dropped, or given line by line. Default `inherit`. */
  stderr?: 'inherit' | 'ignore' | ((line: string) => void);
  /**
   * Keeps the signals of a terminal from the server: Ctrl-C reaches only this process, which can
   * then cancel in an orderly way. The server cannot ask at the terminal either. Default false; has
   * no effect on Windows.
   */
  ownProcessGroup?: boolean;
}

export type ConnectTarget = string | URL | CommandTarget | LocalTarget;

/** Whether a target is a server in this process. */
export function isLocalTarget(target: object): target is LocalTarget {
  return 'connectLocal' in target && typeof target.connectLocal === 'function';
}

/**
 * The URL of a target.
 *
 * @throws {TypeError} for anything but a plain http or https URL
 */
export function parseTargetUrl(target: string | URL): URL {
  if (typeof target === 'string' && !URL.canParse(target)) {
    throw new TypeError('the target is no URL; to start a command, pass { command, args }');
  }
  const url = new URL(target);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`a target URL must be http or https, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('credentials belong into options.headers, not into the URL');
  }
  url.hash = '';
  return url;
}
