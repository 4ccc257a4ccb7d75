import { type JsonObject, ownValue, toJson } from '../base/json.ts';
import { checkAnswer, type Question } from '../protocol/question.ts';
import { encodeTaskEvent } from './task-event.ts';
import type { TaskAnswer } from './task-store.ts';

/**
 * Those of the responses that answer one of the questions, ready for the store; the rest is ignored.
 *
 * @throws {StromError} `ERR_INVALID_PARAMS` for an answer that does not fit its question
 */
export function answersTo(
  questions: Readonly<Record<string, Question>>,
  responses: JsonObject,
): readonly TaskAnswer[] {
  return Object.entries(questions).flatMap(([key, question]) => {
    const response = ownValue(responses, key);
    if (response === undefined) return [];
    const answer = checkAnswer(question, response);
    const event = encodeTaskEvent({ kind: 'answered', key, answer });
    return [{ key, answer: toJson(answer), event }];
  });
}
