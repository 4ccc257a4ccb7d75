import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanEnvelope } from '../../src/protocol/scan-envelope.ts';
import '../faults/support/base-line.ts';

/** A value, its text, and what stands in it: what the scan is to find out from the text alone. */
interface Written {
  readonly text: string;
  readonly members?: readonly (readonly [name: string, value: Written])[];
  readonly items?: readonly Written[];
}

const blank = fc.constantFrom('', '', '', ' ', '\n', '\t\r ');
const text = fc.oneof(
  fc.constantFrom('"\\"},{"', '"a\\\\"', '"\\\\\\""', '"[{:,"', '"\\u0022"', '"\\ud800"'),
  fc.string({ maxLength: 4 }).map((value) => JSON.stringify(value)),
);
const scalar = fc
  .oneof(text, fc.constantFrom('1', '-0', '1e400', 'null', 'true', '12345678901234567890'))
  .map((value): Written => ({ text: value }));
const name = fc.oneof(
  fc.constantFrom('"id"', '"params"', '"_meta"', '"\\u0069d"', '"par\\u0061ms"', '"id "', '""'),
  text,
);

const { value } = fc.letrec<{ value: Written; object: Written; array: Written }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, scalar, tie('object'), tie('object'), tie('array')),
  object: fc.array(fc.tuple(name, tie('value'), blank, blank), { maxLength: 5 }).map((members) => ({
    text: `{${members.map(([key, { text }, a, b]) => `${a}${key}${b}:${a}${text}${b}`).join()}}`,
    members: members.map(([key, member]) => [JSON.parse(key), member] as const),
  })),
  array: fc.array(fc.tuple(tie('value'), blank), { maxLength: 4 }).map((items) => ({
    text: `[${items.map(([{ text }, around]) => around + text + around).join()}]`,
    items: items.map(([item]) => item),
  })),
}));

function namesTwice({ members = [] }: Written): boolean {
  return new Set(members.map(([key]) => key)).size < members.length;
}

function last(written: Written | undefined, key: string): Written | undefined {
  return written?.members?.findLast(([each]) => each === key)?.[1];
}

function isAmbiguous(message: Written): boolean {
  const params = last(message, 'params');
  const parts = [message, params, last(params, '_meta')];
  return parts.some((part) => part !== undefined && namesTwice(part));
}

describe('P07, P08: what is read from the text of a message', () => {
  it('is what stands in it, whatever it is made of', () => {
    fc.assert(
      fc.property(value, blank, (written, around) => {
        const all = written.items ?? [written];
        const messages = all.filter(({ members }) => members !== undefined);
        const scan = (): unknown => scanEnvelope(around + written.text + around, 64);
        if (messages.some(isAmbiguous)) {
          expect(scan).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }));
        } else expect(scan()).toEqual(messages.map((message) => last(message, 'id')?.text));
      }),
      { numRuns: 2_000 },
    );
  });
});
