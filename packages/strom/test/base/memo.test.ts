import { describe, expect, it } from 'vitest';
import { Memo } from '../../src/base/memo.ts';

function counted(maxEntries: number) {
  const read: string[] = [];
  const memo = new Memo((text) => {
    read.push(text);
    return text.length;
  }, maxEntries);
  return { memo, read };
}

describe('Memo', () => {
  it('reads each text once', () => {
    const { memo, read } = counted(10);
    expect([memo.of('one'), memo.of(''), memo.of('one'), memo.of('')]).toEqual([3, 0, 3, 0]);
    expect(read).toEqual(['one', '']);
  });

  it('starts afresh when it is full, so that inventing texts fills no memory', () => {
    const { memo, read } = counted(3);
    for (let count = 0; count < 100; count += 1) memo.of(`made up ${count}`);
    memo.of('after');
    memo.of('after');
    expect(read).toHaveLength(101);
  });

  it('does not keep long texts', () => {
    const { memo, read } = counted(10);
    const long = 'x'.repeat(300);
    expect([memo.of(long), memo.of(long)]).toEqual([300, 300]);
    expect(read).toHaveLength(2);
  });
});
