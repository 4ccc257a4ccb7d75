/**
 * What every command has while it runs, and how every command ends: with one exit code, and with
 * its failure said in words.
 *
 * @module
 */
import { CliError } from './cli-error.ts';
import { describeError } from './describe-error.ts';
import type { Host } from './host.ts';
import { Interrupt, type InterruptReason } from './interrupt.ts';
import { createLiveView } from './live/create-live-view.ts';
import type { LiveView } from './live/live-view.ts';
import { createPalette, type Palette } from './live/palette.ts';
import { type ProgressChoice, usesColor, viewMode } from './live/view-mode.ts';
import { DataOutput } from './output/data-output.ts';
import { errorFields, reportError } from './report-error.ts';

/** The options that say what is shown and how; each command has those that make sense for it. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly raw?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly progress?: ProgressChoice;
}

export class CommandRun {
  readonly host: Host;
  readonly flags: OutputFlags;
  readonly view: LiveView;
  readonly out: DataOutput;
  readonly palette: Palette;
  readonly interrupt: Interrupt;
  /** The server in a word, once it is known. */
  label = 'the server';
  /** What runs on the server, once something does. */
  activity: string | undefined;

  constructor(host: Host, flags: OutputFlags) {
    const { stderr, stdout, env, clock } = host;
    const color = usesColor(stderr, env);
    const mode = flags.quiet ? 'silent' : viewMode(flags.progress ?? 'auto', stderr, env);
    this.host = host;
    this.flags = flags;
    this.view = createLiveView({
      stream: stderr,
      mode,
      columns: () => stderr.columns,
      color,
      clock,
    });
    this.palette = createPalette(color);
    this.out = new DataOutput(stdout);
    this.interrupt = new Interrupt({
      onFirst: (reason) => this.#announce(reason),
      leave: (exitCode) => {
        this.view.done();
        host.leave(exitCode);
      },
    });
  }

  /** A line for people who asked for more. */
  detail(text: string): void {
    if (this.flags.verbose) this.view.note(text, 'faint');
  }

  #announce(reason: InterruptReason): void {
    if (reason !== 'interrupted') return;
    const what = this.activity === undefined ? 'leaving' : `cancelling ${this.activity}`;
    this.view.note(`${what}… (Ctrl-C again leaves at once)`);
  }
}

/** What a command hands its work to, so that however it ends is told in one way. */
export type Runner = <Flags extends OutputFlags>(
  flags: Flags,
  work: (run: CommandRun) => Promise<void>,
) => Promise<void>;

/**
 * Runs a command to its end, whatever that is.
 *
 * @returns the exit code of the process
 */
export async function runCommand(
  host: Host,
  flags: OutputFlags,
  work: (run: CommandRun) => Promise<void>,
): Promise<number> {
  const run = new CommandRun(host, flags);
  const { interrupt, view } = run;
  const stopListening = host.onSignal((name) => {
    interrupt.trigger(name === 'SIGINT' ? 'interrupted' : 'terminated');
  });
  try {
    await work(run);
    return 0;
  } catch (error) {
    view.done();
    return await fail(run, error);
  } finally {
    view.done();
    stopListening();
  }
}

async function fail(run: CommandRun, thrown: unknown): Promise<number> {
  const { flags, palette, interrupt } = run;
  const error =
    interrupt.reason === undefined
      ? describeError(thrown, { label: run.label })
      : interruptError(run, interrupt.reason, thrown);
  // Nobody reads any more, and that is how pipes are meant to end.
  if (error.code === 'output_closed') return error.exitCode;
  // A tool that failed has had its result already, and a stream of events has one end.
  if (flags.ndjson && error.code !== 'tool_error' && error.code !== 'output_failed') {
    // If this cannot be written either, the words on standard error remain.
    const event = { type: 'error', ...errorFields(error) };
    await run.out.json(event, 'line').catch(() => undefined);
  }
  reportError(error, {
    stream: run.host.stderr,
    palette,
    isJson: flags.json === true || flags.ndjson === true,
    isVerbose: flags.verbose === true,
  });
  return error.exitCode;
}

function interruptError(run: CommandRun, reason: InterruptReason, cause: unknown): CliError {
  const { activity } = run;
  const told = activity === undefined ? '' : `; the server was told to stop ${activity}`;
  return new CliError(reason, `${reason}${told}`, { cause });
}
