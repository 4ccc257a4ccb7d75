/**
 * The demo: the documents server, our own client, the sample archive. Live on a terminal, plain
 * lines elsewhere; the summary goes to standard output.
 *
 * Usage: `npm run demo`
 */
import { StromError } from 'strom/client';
import { runDemo, summaryOf } from './demo/run-demo.ts';
import { LiveView, PlainView } from './demo/view.ts';

const { stderr } = process;
const leave = new AbortController();
process.once('SIGINT', () => leave.abort());

const view = stderr.isTTY
  ? new LiveView({
      write: (text) => stderr.write(text),
      get columns() {
        return stderr.columns;
      },
      hasColors: stderr.hasColors(),
    })
  : new PlainView(stderr);

try {
  const manifest = await runDemo(view, leave.signal);
  console.log(summaryOf(manifest));
  if (manifest.converted === 0 || manifest.skipped > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof StromError && error.code === 'ERR_CANCELLED')) throw error;
  console.error('cancelled');
  process.exitCode = 130;
}
