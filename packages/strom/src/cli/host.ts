import type { Clock } from '../base/clock.ts';
import type { Environment } from './target/expand-env.ts';

/** The process a command runs in, as far as commands may touch it. */
export interface Host {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Environment;
  readonly clock: Clock;
  /** The version of this package. */
  readonly version: string;
  /** Calls back for every SIGINT and SIGTERM until the returned function is called. */
  onSignal(listener: (name: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Ends the process at once. */
  leave(exitCode: number): never;
}
