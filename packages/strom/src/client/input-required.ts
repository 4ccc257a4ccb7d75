/**
 * Results that ask for more: the server's questions are answered and the request is sent again.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { isQuestion, type QuestionNotice } from './call-notice.ts';
import type { QuestionContext } from './handlers.ts';
import type { QuestionDesk } from './question-desk.ts';

const MAX_INPUTS = 32;

export interface KeyedQuestion extends QuestionNotice {
  /** Names the question for its answer. */
  readonly key: string;
}

/** What a result asks for. */
export interface InputRequest {
  readonly questions: readonly KeyedQuestion[];
  /** To be repeated untouched; nothing here looks into it. */
  readonly requestState: string | undefined;
}

function broken(problem: string): StromError {
  return new StromError('ERR_PROTOCOL', `a result that asks for input ${problem}`);
}

/**
 * Reads the kind of a result.
 *
 * @returns what it asks for, or `undefined` when it is complete
 * @throws {StromError} `ERR_PROTOCOL` for a kind this client has not asked for
 */
export function inputRequestOf(result: JsonObject): InputRequest | undefined {
  const kind = ownValue(result, 'resultType');
  if (kind === undefined || kind === 'complete') return undefined;
  if (kind !== 'input_required') {
    throw new StromError('ERR_PROTOCOL', 'the result is of a kind that this client does not know');
  }
  const inputs = ownValue(result, 'inputRequests');
  const requestState = ownValue(result, 'requestState');
  if (requestState !== undefined && typeof requestState !== 'string') {
    throw broken('has a state that is no string');
  }
  if (inputs === undefined && requestState === undefined) throw broken('asks for nothing');
  return { questions: inputs === undefined ? [] : readQuestions(inputs), requestState };
}

/**
 * Reads the questions of a result or of a task.
 *
 * @throws {StromError} `ERR_PROTOCOL` when they are malformed or too many; `ERR_NO_HANDLER` for a
 * kind of question that is unknown
 */
export function readQuestions(inputs: unknown): KeyedQuestion[] {
  if (!isJsonObject(inputs)) throw broken('has malformed questions');
  const entries = Object.entries(inputs);
  if (entries.length > MAX_INPUTS) throw broken(`has more than ${MAX_INPUTS} questions`);
  return entries.map(([key, input]) => {
    const method = isJsonObject(input) ? ownValue(input, 'method') : undefined;
    if (!isJsonObject(input) || typeof method !== 'string') throw broken('has malformed questions');
    if (!isQuestion(method)) {
      throw new StromError('ERR_NO_HANDLER', 'the server asks for an input of an unknown kind');
    }
    const params = ownValue(input, 'params') ?? {};
    if (!isJsonObject(params)) throw broken('has malformed questions');
    return { key, method, params };
  });
}

/** Has every question answered, all at once, and returns what the repeated request carries. */
export async function answerInputs(
  request: InputRequest,
  desk: QuestionDesk,
  context: QuestionContext,
): Promise<JsonObject> {
  const { questions, requestState } = request;
  const answers = await Promise.all(
    questions.map(async ({ key, method, params }) => [
      key,
      await desk.answer(method, params, context),
    ]),
  );
  return {
    // fromEntries defines properties: a key called `__proto__` stays a key.
    ...(questions.length > 0 && { inputResponses: Object.fromEntries(answers) }),
    ...(requestState !== undefined && { requestState }),
  };
}
