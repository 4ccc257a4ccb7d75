import type { LineOutput } from '../transports/stdio/serve-stdio.ts';

/**
 * Takes standard output for messages alone: whatever else the process prints there, a stray
 * `console.log` for one, goes to standard error from now on.
 */
export function guardStdout(): LineOutput {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return {
    write: (text) => write(text),
    on: (event, listener) => stdout.on(event, listener),
  };
}
