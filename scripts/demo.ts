/**
 * The demo: the documents server, called with our own command line, converts the sample archive.
 * Live on a terminal, plain lines elsewhere; the result goes to standard output.
 *
 * Usage: `npm run demo`
 */
import { OUTPUT, runDemo } from './demo/run-demo.ts';

// Ctrl-C reaches the command as well, which cancels the call; the server then leaves with it.
process.on('SIGINT', () => undefined);

process.exitCode = await runDemo({
  stdio: 'inherit',
  onCommand: (command) => console.error(`$ ${command}`),
});
if (process.exitCode === 0) console.log(`The Markdown is in ${OUTPUT}.`);
