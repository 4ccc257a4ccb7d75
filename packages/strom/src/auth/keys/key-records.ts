import { checkScopes } from '../../base/check-scopes.ts';
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import type { ApiKeyRecord } from './api-key.ts';

const ID = /^[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/**
 * Checks records that came from outside.
 *
 * @throws {TypeError} naming the record and what is wrong with it, never the hash
 */
export function checkKeyRecords(values: unknown): readonly ApiKeyRecord[] {
  if (!Array.isArray(values)) throw new TypeError('keys: must be a list');
  const ids = new Set<string>();
  return values.map((value: unknown, index) => {
    const record = checkRecord(value, `keys[${index}]`);
    if (ids.has(record.id)) throw new TypeError(`keys[${index}].id: is there twice`);
    ids.add(record.id);
    return record;
  });
}

function checkRecord(value: unknown, where: string): ApiKeyRecord {
  if (!isJsonObject(value)) throw new TypeError(`${where}: must be an object`);
  const scopes = ownValue(value, 'scopes');
  if (!Array.isArray(scopes)) throw new TypeError(`${where}.scopes: must be a list`);
  checkScopes(`${where}.scopes`, scopes);
  const expiresAt = optionalTime(value, 'expiresAt', where);
  const revokedAt = optionalTime(value, 'revokedAt', where);
  return {
    id: text(value, { name: 'id', pattern: ID, where }),
    name: text(value, { name: 'name', pattern: /\S/, where }),
    sha256: text(value, { name: 'sha256', pattern: SHA256, where }),
    scopes: scopes as string[],
    createdAt: text(value, { name: 'createdAt', pattern: TIME, where }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(revokedAt !== undefined && { revokedAt }),
  };
}

interface Field {
  readonly name: string;
  readonly pattern: RegExp;
  readonly where: string;
}

function text(record: JsonObject, { name, pattern, where }: Field): string {
  const value = ownValue(record, name);
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new TypeError(`${where}.${name}: is missing or malformed`);
}

/** A time that cannot be read must not become a key that never ends. */
function optionalTime(record: JsonObject, name: string, where: string): string | undefined {
  if (ownValue(record, name) === undefined) return undefined;
  const value = text(record, { name, pattern: TIME, where });
  if (Number.isNaN(Date.parse(value))) throw new TypeError(`${where}.${name}: is no time`);
  return value;
}
