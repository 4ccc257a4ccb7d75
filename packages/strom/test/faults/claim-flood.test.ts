import { describe, expect, it } from 'vitest';
import { ANONYMOUS, callingFrom } from '../../src/base/principal.ts';
import { publicError } from '../../src/base/strom-error.ts';
import { RateGate } from '../../src/transports/http/rate-gate.ts';
import './support/base-line.ts';

/** More than are counted one by one, and than those that share what is counted. */
const MANY = 30_000;
const INVALID = publicError('ERR_INVALID_TOKEN', 'no');

describe('A10: one address that claims to be ever other keys', () => {
  it('leaves others the answer that tells them how to sign in', async () => {
    const gate = new RateGate({ failedAuth: { requests: 1, perMs: 3_600_000 } });
    for (let count = 0; count < MANY; count += 1) {
      await gate.afterFailure(INVALID, { address: '192.0.2.1', claim: `strom_${count}` });
    }
    for (let count = 0; count < 100; count += 1) {
      const address = `198.51.100.${count}`;
      await gate.beforeAsking(callingFrom(ANONYMOUS, address));
      const failure = { address, claim: `strom_other_${count}` };
      expect(await gate.afterFailure(INVALID, failure)).toBe(INVALID);
    }
  });

  it('is refused all the same, and so is one key from ever other addresses', async () => {
    const gate = new RateGate({ failedAuth: { requests: 1, perMs: 3_600_000 } });
    const limited = expect.objectContaining({ code: 'ERR_RATE_LIMITED' });
    const attempt = (address: string, claim?: string) =>
      gate.afterFailure(INVALID, { address, claim });
    expect(await attempt('2001:db8:0:0:0:0:0:1', 'strom_a')).toBe(INVALID);
    expect(await attempt('2001:db8:0:0:0:0:0:2', 'strom_b')).toEqual(limited);
    expect(await attempt('192.0.2.2', 'strom_a')).toEqual(limited);
    expect(await attempt('192.0.2.3')).toBe(INVALID);
  });
});
