import { type Command, Option } from 'commander';
import type { CommandRun, Runner } from './command-run.ts';
import type { TaskFlags } from './commands/task.ts';
import type { AnswerFlags } from './commands/task-answer.ts';
import { addConnectionOptions, addProgressOption } from './connection-flags.ts';

type Invoked = (run: CommandRun, words: { id: string; flags: TaskFlags }) => Promise<void>;

const HELP = `
A task is a call that goes on by itself. Calls that became one are kept in
$XDG_STATE_HOME/strom/tasks.json, without headers: give -H again where the server wants one.
The beginning of an id is enough.`;

function addOptions(command: Command): Command {
  return addConnectionOptions(command)
    .option(
      '--server <server>',
      'the server of a task made elsewhere: a URL, or a name with --config',
    )
    .addOption(new Option('--json', 'as one JSON document'));
}

/** `strom task`: what goes on without this command line. */
export function addTask(
  program: Command,
  serverCommand: readonly string[] | undefined,
  run: Runner,
): void {
  const task = program
    .command('task')
    .description('tasks left running: list, watch, result, cancel, answer');
  task.addHelpText('after', HELP);
  const invoke = (command: Command, about: string, work: Invoked): void => {
    command
      .description(about)
      .argument('<id>', 'as list shows it')
      .action((id: string, flags: TaskFlags) => run(flags, (run) => work(run, { id, flags })));
  };
  const load = () => import('./commands/task.ts');
  addOptions(
    task.command('list').description('show the tasks that are kept, as they stand now'),
  ).action((flags: TaskFlags) =>
    run(flags, async (run) => (await load()).listTasks(run, { flags, command: serverCommand })),
  );
  invoke(
    addProgressOption(addOptions(task.command('watch'))),
    'follow a task to its result; Ctrl-C leaves it running',
    async (run, words) => (await load()).watchTask(run, { ...words, command: serverCommand }),
  );
  invoke(
    addOptions(task.command('result')),
    'wait for the result and print it',
    async (run, words) => (await load()).printResult(run, { ...words, command: serverCommand }),
  );
  invoke(addOptions(task.command('cancel')), 'ask the server to stop a task', async (run, words) =>
    (await load()).cancelTask(run, { ...words, command: serverCommand }),
  );
  addAnswer(task, serverCommand, run);
}

function addAnswer(task: Command, serverCommand: readonly string[] | undefined, run: Runner): void {
  addOptions(task.command('answer'))
    .description('answer what a task asks: from the command line, or field by field')
    .argument('<id>', 'as list shows it')
    .argument('[fields...]', 'name=value, or name:=JSON')
    .option('--question <key>', 'which question, where there are several')
    .option('--accept', 'accept a question that has no fields')
    .addOption(new Option('--decline', 'decline').conflicts('accept'))
    .action((id: string, words: string[], flags: AnswerFlags) =>
      run(flags, async (run) => {
        const { answerTask } = await import('./commands/task-answer.ts');
        await answerTask(run, { id, words, flags, command: serverCommand });
      }),
    );
}
