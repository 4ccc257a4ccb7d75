import { type ApiKeyRecord, createApiKey } from '../../auth/keys/api-key.ts';
import { changeKeyFile, readKeyFile } from '../../auth/keys/key-file.ts';
import { usageError } from '../cli-error.ts';
import type { CommandRun, OutputFlags } from '../command-run.ts';
import { plainLine } from '../live/terminal-text.ts';
import { table } from '../output/table.ts';

export interface KeyFileFlags extends OutputFlags {
  readonly file: string;
}

export interface CreateFlags extends KeyFileFlags {
  readonly name: string;
  readonly scopes?: readonly string[];
  /** In milliseconds since the epoch. */
  readonly expires?: number;
}

/** `strom keys create`: the key is what stands on standard output, and nowhere else. */
export async function createKey(run: CommandRun, flags: CreateFlags): Promise<void> {
  const { file, name, scopes = [], expires } = flags;
  const { key, record } = createApiKey({
    name,
    scopes,
    ...(expires !== undefined && { expiresAtMs: expires }),
  });
  await changeKeyFile(file, (records) => [...records, record], {
    act: 'created',
    key: record,
  });
  if (flags.json === true) return run.out.json({ key, ...shown(record) }, 'pretty');
  await run.out.text(key);
  run.view.note(`This is the only time it is shown. Its id is ${record.id}.`);
}

/** `strom keys list`. */
export async function listKeys(run: CommandRun, { file, json }: KeyFileFlags): Promise<void> {
  const records = readKeyFile(file);
  if (json === true) return run.out.json(records.map(shown), 'pretty');
  if (records.length === 0) return run.out.text('There are no keys.');
  return run.out.text(table([HEAD, ...records.map(cells)]));
}

/** `strom keys revoke`. A key stays in the file, so that nobody wonders what it was. */
export async function revokeKey(
  run: CommandRun,
  { id, flags }: { id: string; flags: KeyFileFlags },
): Promise<void> {
  const { file, json } = flags;
  const known = readKeyFile(file).find((record) => record.id === id);
  if (known === undefined) {
    throw usageError(`there is no key ${id}`, `strom keys list --file ${file} shows all.`);
  }
  const revokedAt = known.revokedAt ?? new Date().toISOString();
  const revoked = { ...known, revokedAt };
  await changeKeyFile(
    file,
    (records) => records.map((record) => (record.id === id ? { ...record, revokedAt } : record)),
    { act: 'revoked', key: known },
  );
  if (json === true) return run.out.json(shown(revoked), 'pretty');
  return run.out.text(`${plainLine(revoked.name)} (${id}) is revoked.`);
}

type Shown = Omit<ApiKeyRecord, 'sha256'> & { readonly state: string };

function shown({ sha256: _hash, ...record }: ApiKeyRecord): Shown {
  return { ...record, state: stateOf(record) };
}

function stateOf({ revokedAt, expiresAt }: Omit<ApiKeyRecord, 'sha256'>): string {
  if (revokedAt !== undefined) return 'revoked';
  return expiresAt !== undefined && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'valid';
}

const HEAD = ['id', 'name', 'state', 'scopes', 'made', 'ends'];

function cells(record: ApiKeyRecord): string[] {
  const { id, name, scopes, createdAt, expiresAt } = record;
  const day = (time: string | undefined): string => time?.slice(0, 10) ?? '-';
  return [id, name, stateOf(record), scopes.join(' ') || '-', day(createdAt), day(expiresAt)];
}
