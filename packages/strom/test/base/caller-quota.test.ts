import { describe, expect, it } from 'vitest';
import { CallerQuota } from '../../src/base/caller-quota.ts';
import {
  ANONYMOUS,
  callingFrom,
  LOCAL_PRINCIPAL,
  type Principal,
} from '../../src/base/principal.ts';

const ann: Principal = { ...ANONYMOUS, kind: 'oauth', id: 'ann' };
const from = (address: string): Principal => callingFrom(ANONYMOUS, address);

function quota(total: number, perCaller?: number): CallerQuota {
  return new CallerQuota({ what: 'things', total, totalCode: 'ERR_OVERLOADED', perCaller });
}

/** What becomes of taking so many, one after the other. */
function takeAll(from: CallerQuota, callers: readonly Principal[]): (string | undefined)[] {
  return callers.map((caller) => from.take(caller)?.code);
}

describe('CallerQuota', () => {
  it.each<[string, Principal, Principal]>([
    ['who have signed in, wherever they are', ann, callingFrom(ann, '192.0.2.1')],
    ['by their address', from('192.0.2.1'), from('192.0.2.1')],
    ['by their network of IPv6', from('2001:db8:0:1:0:0:0:1'), from('2001:db8:0:1:9:9:9:9')],
    ['on this machine, where the limit is set', from('127.0.0.1'), from('127.0.0.1')],
  ])('counts callers %s', (_, first, second) => {
    const things = quota(10, 1);
    expect(takeAll(things, [first, second])).toEqual([undefined, 'ERR_CALLER_LIMIT']);
    things.release(first);
    expect(things.take(second)).toBeUndefined();
  });

  it.each<[string, Principal, Principal]>([
    ['of other addresses', from('192.0.2.1'), from('192.0.2.2')],
    ['of other networks of IPv6', from('2001:db8:0:1:0:0:0:1'), from('2001:db8:0:2:0:0:0:1')],
    ['who have signed in and those who have not', callingFrom(ann, '192.0.2.1'), from('192.0.2.1')],
    ['nobody can tell apart', ANONYMOUS, ANONYMOUS],
    ['in the same process', LOCAL_PRINCIPAL, LOCAL_PRINCIPAL],
  ])('keeps callers apart %s', (_, first, second) => {
    expect(takeAll(quota(10, 1), [first, second])).toEqual([undefined, undefined]);
  });

  it('does not count callers on this machine who have not signed in, unless told to', () => {
    const many = new Array<Principal>(2000).fill(from('127.0.0.1'));
    expect(takeAll(quota(5000), many).some((code) => code !== undefined)).toBe(false);
    const elsewhere = new Array<Principal>(1001).fill(from('192.0.2.1'));
    expect(takeAll(quota(5000), elsewhere).at(-1)).toBe('ERR_CALLER_LIMIT');
  });

  it('bounds all together, with a code of their own', () => {
    const things = quota(2, 2);
    expect(takeAll(things, [ann, from('192.0.2.1'), from('192.0.2.2')])).toEqual([
      undefined,
      undefined,
      'ERR_OVERLOADED',
    ]);
    things.release(ann);
    expect(things.take(from('192.0.2.2'))).toBeUndefined();
  });
});
