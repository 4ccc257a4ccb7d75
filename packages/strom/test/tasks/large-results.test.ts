import { describe, expect, it } from 'vitest';
import { encodeLongOutcome, encodeLongTask } from '../../src/protocol/long-outcome.ts';
import { mcpEncoder } from '../../src/protocol/message-encoder.ts';
import { RawJson } from '../../src/protocol/raw-json.ts';
import { STATELESS_REVISION } from '../../src/protocol/revisions/catalog.ts';
import { encodeTaskEnd, outcomeOf, storedResult } from '../../src/tasks/task-end.ts';
import type { StoredTask } from '../../src/tasks/task-store.ts';

const LONG = 'a "line"\n'.repeat(40_000);
const RESULT = {
  content: [{ type: 'text', text: LONG }],
  structuredContent: { rows: Array.from({ length: 20_000 }, (_, id) => ({ id })) },
};
const FACTS = {
  taskId: 't',
  status: 'completed',
  createdAt: '',
  lastUpdatedAt: '',
  ttlMs: null,
} as const;

const STORED: StoredTask = {
  id: 't',
  owner: '',
  kind: '',
  request: '',
  createdAtMs: 0,
  expiresAtMs: undefined,
  phase: 'completed',
  message: undefined,
  updatedAtMs: 0,
  end: undefined,
  isCancelRequested: false,
  questions: {},
  attempt: 1,
  seq: 0,
};

const envelope = { operation: 'tasks/get', idText: '1', progressTokenText: undefined } as const;
const encoder = mcpEncoder(STATELESS_REVISION, envelope, { name: 'srv', version: '1' });

describe('a large result of a task', () => {
  it('is kept as the text it would have as a whole, and told without being parsed', () => {
    const { phase, end } = encodeTaskEnd({ kind: 'result', result: RESULT });
    expect(phase).toBe('completed');
    expect([...end].join('') === JSON.stringify(RESULT)).toBe(true);
    const outcome = outcomeOf({ ...STORED, end });
    expect(JSON.parse(JSON.stringify(outcome))).toEqual({ kind: 'result', result: RESULT });
    expect(outcome).toMatchObject({ result: { content: [{ text: expect.any(RawJson) }] } });
    const stored = storedResult(end);
    expect(stored).toBeInstanceOf(RawJson);
    const task = { ...FACTS, result: stored };
    const { pieces } = encodeLongOutcome(encoder, { kind: 'result', result: task });
    const told = JSON.parse([...(pieces ?? [])].join('')).result;
    expect(told).toMatchObject({ ...FACTS, resultType: 'complete' });
    expect(told.result).toEqual(RESULT);
    const notice = JSON.parse(encoder.event({ kind: 'task', task }) ?? '');
    expect(notice.params).toMatchObject({ ...FACTS, result: RESULT });
    const noticePieces = encodeLongTask(encoder, { kind: 'task', task });
    expect(JSON.parse([...(noticePieces ?? [])].join(''))).toEqual(notice);
    const small = { ...FACTS, result: { content: [] } };
    expect(encodeLongTask(encoder, { kind: 'task', task: small })).toBeUndefined();
  });

  it('makes the task fail when it exceeds what can be sent, or has no JSON form', () => {
    const cyclic: Record<string, unknown> = { LONG };
    cyclic['self'] = [cyclic];
    const tooLong = { content: [{ type: 'text', text: '\u0001'.repeat(12 * 1024 * 1024) }] };
    const code = (result: Record<string, unknown>): unknown => {
      try {
        return encodeTaskEnd({ kind: 'result', result });
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code(cyclic)).toBe('ERR_INTERNAL');
    expect(code(tooLong)).toBe('ERR_RESULT_TOO_LARGE');
  });

  it('is parsed where it is small', () => {
    const { end } = encodeTaskEnd({ kind: 'result', result: { content: [] } });
    expect(storedResult(end)).toEqual({ content: [] });
    expect(storedResult(undefined)).toEqual({});
  });
});
