import { describe, expect, it } from 'vitest';
import { NameCensus, OTHER } from '../../src/base/name-census.ts';
import { ANONYMOUS, callingFrom } from '../../src/base/principal.ts';
import { TestClock } from '../harness/test-clock.ts';

const HOUR_MS = 60 * 60_000;
const from = (address: string) => callingFrom(ANONYMOUS, address);
const liar = from('203.0.113.1');
const honest = from('203.0.113.2');

function start(options: { max?: number; maxPerCaller?: number } = {}) {
  const clock = new TestClock();
  const left: string[] = [];
  const census = new NameCensus({ clock, onLeft: (name) => left.push(name), ...options });
  const inventAll = (count: number) =>
    Array.from({ length: count }, (_, index) => census.of(`made up ${index}`, liar));
  return { clock, left, census, inventAll };
}

describe('NameCensus', () => {
  it('gives a caller who makes up names so many places and no more', () => {
    const { census, inventAll, left } = start({ max: 5, maxPerCaller: 3 });
    expect(inventAll(5).filter((name) => name === OTHER)).toHaveLength(2);
    expect(census.of('editor', honest)).toBe('editor');
    expect(census.of('made up 0', honest)).toBe('made up 0');
    expect(left).toEqual([]);
  });

  it('gives the place of a name that was not seen for an hour to a new one', () => {
    const { census, clock, left } = start({ max: 2 });
    census.of('old', from('203.0.113.3'));
    clock.advance(HOUR_MS / 2);
    census.of('kept', honest);
    expect(census.of('new', liar)).toBe(OTHER);
    clock.advance(HOUR_MS / 2);
    expect(census.of('new', liar)).toBe('new');
    expect(left).toEqual(['old']);
    expect(census.of('old', honest)).toBe(OTHER);
    expect(census.of('kept', liar)).toBe('kept');
  });

  it('lets a caller who has all the places of a caller take only those they left alone', () => {
    const { census, clock, inventAll, left } = start({ max: 10, maxPerCaller: 2 });
    inventAll(2);
    clock.advance(HOUR_MS);
    census.of('made up 1', honest);
    expect(census.of('another', liar)).toBe('another');
    expect(left).toEqual(['made up 0']);
    expect(census.of('one more', liar)).toBe(OTHER);
  });

  it('holds at most 200 names, 20 of one caller', () => {
    const { census, inventAll } = start();
    expect(inventAll(30).filter((name) => name !== OTHER)).toHaveLength(20);
    const names = Array.from({ length: 300 }, (_, index) =>
      census.of(`client ${index}`, from(`198.51.100.${index % 250}`)),
    );
    expect(names.filter((name) => name !== OTHER)).toHaveLength(180);
  });

  it('makes names fit for a page, and takes those that become the same for one', () => {
    const { census, left } = start({ max: 1 });
    expect(census.of('b\n', honest)).toBe('b\\u000a');
    expect(census.of('b\n', liar)).toBe('b\\u000a');
    expect(census.of(OTHER, liar)).toBe(OTHER);
    expect(left).toEqual([]);
  });
});
