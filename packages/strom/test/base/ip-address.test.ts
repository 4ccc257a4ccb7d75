import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalAddress,
  isLoopbackAddress,
  isWithin,
  parseNetwork,
  siteOf,
} from '../../src/base/ip-address.ts';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');
const address = fc.oneof(fc.ipV4(), fc.ipV6());

describe('an IP address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:DB8::00a', '2001:db8:0:0:0:0:0:a'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
  ])('has one spelling: %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it('is what Node takes for one, and nothing else', () => {
    fc.assert(fc.property(address, (text) => canonicalAddress(text) !== undefined));
    const nearly = fc.string({
      unit: fc.constantFrom('1', '0', '9', 'f', ':', '.', ' '),
      maxLength: 12,
    });
    fc.assert(
      fc.property(nearly, (text) => (canonicalAddress(text) !== undefined) === (isIP(text) !== 0)),
      { numRuns: 2000 },
    );
  });

  it('counts for itself, and of IPv6 for its /64', () => {
    expect(siteOf('192.0.2.1')).toBe('192.0.2.1');
    expect(siteOf('2001:db8:0:1:2:3:4:5')).toBe('2001:db8:0:1::/64');
  });

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['0:0:0:0:0:0:0:1', true],
    ['128.0.0.1', false],
    ['0:0:0:0:0:0:0:2', false],
  ])('may be the own machine: %s %s', (text, isOwn) => {
    expect(isLoopbackAddress(text)).toBe(isOwn);
  });
});

describe('a network', () => {
  it('has the members Node says it has', () => {
    const bits = fc.integer({ min: 0, max: 32 });
    fc.assert(
      fc.property(address, address, bits, (base, other, length) => {
        const list = new BlockList();
        list.addSubnet(base, length, familyOf(base));
        const network = parseNetwork(`${base}/${length}`);
        if (network === undefined) return false;
        // Node keeps the families apart; here an IPv4 address is its mapped one.
        if (familyOf(base) !== familyOf(other)) return true;
        return isWithin(other, network) === list.check(other, familyOf(other));
      }),
    );
  });

  it('of one address has that member alone', () => {
    const network = parseNetwork('192.0.2.1');
    expect(network && isWithin('192.0.2.1', network)).toBe(true);
    expect(network && isWithin('::ffff:192.0.2.1', network)).toBe(true);
    expect(network && isWithin('192.0.2.2', network)).toBe(false);
  });

  it.each([
    '',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10/8',
    'all',
    '1.2.3.4::',
    '::ffff:10.0.0.0/8',
  ])('is not "%s"', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
