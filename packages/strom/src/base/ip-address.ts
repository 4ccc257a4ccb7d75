/**
 * IP addresses and networks, read without help of the host: what decides about callers runs wherever
 * the server runs.
 *
 * @module
 */

/** Eight groups of 16 bits; an IPv4 address stands where IPv6 maps it, so that both compare alike. */
type Groups = readonly number[];

export interface Network {
  readonly groups: Groups;
  /** How many leading bits of the 128 belong to the network. */
  readonly bits: number;
}

const GROUPS = 8;
const GROUP_BITS = 16;
const ALL_BITS = GROUPS * GROUP_BITS;
const MAPPED_BITS = 96;
const MAPPED = [0, 0, 0, 0, 0, 0xffff] as const;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
/** What one household or one machine has of IPv6. */
const SITE_GROUPS = 4;

function ipv4Groups(text: string): Groups | undefined {
  if (!IPV4.test(text)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

function groupsOf(text: string): Groups | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 ? ipv4Groups(part) : undefined;
    if (embedded !== undefined) groups.push(...embedded);
    else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function parseIp(text: string): Groups | undefined {
  const v4 = ipv4Groups(text);
  if (v4 !== undefined) return [...MAPPED, ...v4];
  // A zone names an interface of this machine and is no part of the address.
  const [address = ''] = text.split('%', 1);
  const halves = address.split('::', 3);
  // Only the end of an address may be written with dots.
  if (halves.length > 1 && halves[0]?.includes('.')) return undefined;
  const [head, tail] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')];
  if (head === undefined || tail === undefined || halves.length > 2) return undefined;
  if (halves.length === 1) return head.length === GROUPS ? head : undefined;
  const zeros = GROUPS - head.length - tail.length;
  return zeros < 1 ? undefined : [...head, ...new Array<number>(zeros).fill(0), ...tail];
}

function isMapped(groups: Groups): boolean {
  return MAPPED.every((group, index) => groups[index] === group);
}

/**
 * An address in one spelling: IPv4 with dots, also where it came as mapped IPv6, and IPv6 as eight
 * groups without leading zeros; `undefined` for all else.
 */
export function canonicalAddress(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  const groups = parseIp(text);
  if (groups === undefined) return undefined;
  if (!isMapped(groups)) return groups.map((group) => group.toString(16)).join(':');
  const [high = 0, low = 0] = groups.slice(MAPPED.length);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * Whom a canonical address stands for where callers are counted: an IPv4 address for itself, an IPv6
 * address for its /64, within which anybody picks addresses at will.
 */
export function siteOf(address: string): string {
  if (!address.includes(':')) return address;
  return `${address.split(':', SITE_GROUPS).join(':')}::/64`;
}

/** Whether a canonical address is this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  return address.startsWith('127.') || address === '0:0:0:0:0:0:0:1';
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; `undefined` for all else. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length, more] = text.split('/');
  const groups = parseIp(address);
  if (groups === undefined || more !== undefined) return undefined;
  if (length === undefined) return { groups, bits: ALL_BITS };
  const offset = IPV4.test(address) ? MAPPED_BITS : 0;
  const bits = offset + Number(length);
  // `::ffff:10.0.0.0/8` has the length of IPv4, and would hold nearly every address there is.
  const least = isMapped(groups) ? MAPPED_BITS : 0;
  const isLength = /^\d{1,3}$/.test(length) && bits >= least && bits <= ALL_BITS;
  return isLength ? { groups, bits } : undefined;
}

/** Whether an address belongs to a network. */
export function isWithin(address: string, { groups, bits }: Network): boolean {
  const own = parseIp(address);
  if (own === undefined) return false;
  for (let index = 0; index * GROUP_BITS < bits; index += 1) {
    const counted = Math.min(GROUP_BITS, bits - index * GROUP_BITS);
    const difference = (own[index] ?? 0) ^ (groups[index] ?? 0);
    if (difference >> (GROUP_BITS - counted) !== 0) return false;
  }
  return true;
}
