import { describe, expect, it } from 'vitest';
import { type Member, Roster } from '../../src/base/roster.ts';

const member = (): Member => ({ place: undefined });

describe('Roster', () => {
  it('has who was added and has not been deleted, once', () => {
    const roster = new Roster<Member>();
    const [one, two, three] = [member(), member(), member()];
    for (const each of [one, two, three, two]) roster.add(each);
    expect(roster.delete(two)).toBe(true);
    expect(roster.delete(two)).toBe(false);
    expect([...roster]).toEqual([one, three]);
    expect([one, two, three].map((each) => roster.has(each))).toEqual([true, false, true]);
    expect(roster.size).toBe(2);
  });

  it('gives a free place to the next, whom nobody throws out who had it before', () => {
    const roster = new Roster<Member>();
    const [one, two] = [member(), member()];
    roster.add(one);
    roster.delete(one);
    roster.add(two);
    expect(roster.delete(one)).toBe(false);
    expect([...roster]).toEqual([two]);
    expect(roster.places).toBe(1);
  });

  it('does not know who is in another', () => {
    const [roster, other] = [new Roster<Member>(), new Roster<Member>()];
    const [one, two] = [member(), member()];
    roster.add(one);
    other.add(two);
    expect(roster.has(two)).toBe(false);
    expect(roster.delete(two)).toBe(false);
    expect(roster.size).toBe(1);
  });

  it('goes on while members leave and come', () => {
    const roster = new Roster<Member>();
    const members = [member(), member(), member()];
    for (const each of members) roster.add(each);
    const seen: Member[] = [];
    for (const each of roster) {
      seen.push(each);
      for (const other of members) if (other !== each) roster.delete(other);
    }
    expect(seen).toEqual([members[0]]);
  });
});
