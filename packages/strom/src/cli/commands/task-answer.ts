import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import { fillDefaults } from '../../client/fill-defaults.ts';
import type { KeyedQuestion } from '../../client/input-required.ts';
import type {
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
} from '../../protocol/spec/2026-07-28.ts';
import { describeArguments, misfits } from '../arguments/describe-arguments.ts';
import { parsePairs } from '../arguments/parse-pairs.ts';
import { typeArguments } from '../arguments/type-arguments.ts';
import { usageError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import { canAskKey } from '../questions/ask-key.ts';
import { terminalQuestions } from '../questions/terminal-questions.ts';
import { keepTask, taskFile } from '../tasks/task-file.ts';
import { type TakenUp, type TaskFlags, type TaskWords, withTask } from '../tasks/with-task.ts';

export interface AnswerFlags extends TaskFlags {
  readonly question?: string;
  readonly accept?: boolean;
  readonly decline?: boolean;
}

export interface AnswerWords extends TaskWords {
  readonly words: readonly string[];
  readonly flags: AnswerFlags;
}

/**
 * `strom task answer`: with fields on the command line one question is answered, without them the
 * person at the terminal is asked all that is open.
 */
export async function answerTask(run: CommandRun, words: AnswerWords): Promise<void> {
  await withTask(run, { ...words, questions: 'manual' }, async (taken) => {
    const { task, kept } = taken;
    const { signal } = run.interrupt;
    const { questions, status } = await task.status({ signal });
    const asked = questions.filter(({ method }) => method === 'elicitation/create');
    if (asked.length === 0) throw usageError('the task asks nothing', `It is ${status}.`);
    const chosen = choose(asked, words);
    const answers: [string, ElicitResult][] = [];
    for (const question of chosen) {
      answers.push([question.key, await answerTo(run, question, words)]);
    }
    await task.answer(Object.fromEntries(answers), { signal });
    await remember(run, taken);
    const keys = answers.map(([key]) => key);
    if (run.flags.json) return run.out.json({ id: kept.id, answered: keys }, 'pretty');
    run.view.note(`Answered: ${keys.length}.`);
    return undefined;
  });
}

/** @throws {CliError} `usage` when it is not clear which question is meant */
function choose(asked: readonly KeyedQuestion[], words: AnswerWords): readonly KeyedQuestion[] {
  const { question, accept } = words.flags;
  const keys = `The keys are: ${asked.map(({ key }) => key).join(', ')}`;
  if (question !== undefined) {
    const chosen = asked.filter(({ key }) => key === question);
    if (chosen.length === 0) throw usageError(`the task has no open question ${question}`, keys);
    return chosen;
  }
  const isForOne = words.words.length > 0 || accept === true;
  if (isForOne && asked.length > 1) {
    throw usageError('the task asks several things', `Choose one with --question. ${keys}`);
  }
  return asked;
}

async function answerTo(
  run: CommandRun,
  { params }: KeyedQuestion,
  { words, flags }: AnswerWords,
): Promise<ElicitResult> {
  if (flags.decline) return { action: 'decline' };
  if (words.length > 0) return fillIn(params, words);
  if (flags.accept) return accept(params);
  if (!canAskKey(run)) {
    const schema = ownValue(params, 'requestedSchema');
    const hint = `It takes: ${describeArguments(schema) || '--accept'}, or --decline`;
    throw usageError('nobody can be asked here', hint);
  }
  return ask(run, params);
}

/** @throws {CliError} `usage` when a field is missing or is none of the form */
function fillIn(params: JsonObject, words: readonly string[]): ElicitResult {
  const schema = ownValue(params, 'requestedSchema');
  if (!isJsonObject(schema)) throw usageError('the question has no fields', 'Use --accept.');
  const form = params as unknown as ElicitRequestFormParams;
  const content = typeArguments(parsePairs(words), schema) as NonNullable<ElicitResult['content']>;
  const answer = fillDefaults(form, { action: 'accept', content });
  if (misfits(answer.content ?? {}, schema)) {
    throw usageError('that does not fill in the form', `It takes: ${describeArguments(schema)}`);
  }
  return answer;
}

/** @throws {CliError} `usage` when the form has fields that must be filled in */
function accept(params: JsonObject): ElicitResult {
  const schema = ownValue(params, 'requestedSchema');
  return isJsonObject(schema) ? fillIn(params, []) : { action: 'accept' };
}

async function ask(run: CommandRun, params: JsonObject): Promise<ElicitResult> {
  const { host, view, interrupt, label } = run;
  const handlers = terminalQuestions({
    input: host.stdin,
    output: host.stderr,
    view,
    onInterrupt: () => interrupt.stop('interrupted'),
  });
  const context = { signal: interrupt.signal, serverName: label };
  const isForm = isJsonObject(ownValue(params, 'requestedSchema'));
  if (!isForm) {
    const page = params as unknown as ElicitRequestURLParams;
    return (await handlers.elicitUrl?.(page, context)) ?? { action: 'decline' };
  }
  const form = params as unknown as ElicitRequestFormParams;
  const answer = (await handlers.elicit?.(form, context)) ?? { action: 'decline' as const };
  return fillDefaults(form, answer);
}

async function remember(run: CommandRun, { task, kept }: TakenUp): Promise<void> {
  const saved = task.toJSON();
  if (saved !== undefined && kept.keptAt !== '') {
    await keepTask(taskFile(run.host.env), { ...kept, ...saved });
  }
}
