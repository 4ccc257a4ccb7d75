/**
 * Options of `strom-documents`: flags first, then the environment, then defaults.
 *
 * @module
 */
import { delimiter } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunOptions } from 'strom';
import { DEFAULT_LIMITS, type Limits } from '../base/limits.ts';
import type { DocumentsServerOptions } from '../server.ts';

const MIB = 1024 * 1024;

export const HELP = `strom-documents: turns folders of documents into Markdown, live, over MCP

  --root DIR          folder to read from; repeat for several (STROM_DOCUMENTS_ROOTS)
  --output DIR        folder to write Markdown to [./markdown] (STROM_DOCUMENTS_OUTPUT)
  --transport NAME    stdio or streamable-http [stdio] (STROM_DOCUMENTS_TRANSPORT)
  --host ADDRESS      address to listen on [127.0.0.1] (STROM_DOCUMENTS_HOST)
  --port NUMBER       port to listen on, 0 for any [3000] (STROM_DOCUMENTS_PORT)
  --store FILE        keeps tasks beyond the end of the process [in memory] (STROM_DOCUMENTS_STORE)
  --task-lease-ms N   how long a task waits for a process that was killed [10000]
  --workers NUMBER    conversion processes at a time [2]
  --max-documents N   documents one call may take [1000]
  --max-input-mib N   largest document [${DEFAULT_LIMITS.maxInputBytes / MIB}]
  --max-pages N       pages, slides, sheets or chapters [${DEFAULT_LIMITS.maxPages}]
  --memory-mib N      memory of one conversion process [${DEFAULT_LIMITS.memoryBytes / MIB}]
  --timeout-ms N      time for one document [${DEFAULT_LIMITS.timeoutMs}]
  --help              this text
`;

const FLAGS = {
  root: { type: 'string', multiple: true },
  output: { type: 'string' },
  transport: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  store: { type: 'string' },
  'task-lease-ms': { type: 'string' },
  workers: { type: 'string' },
  'max-documents': { type: 'string' },
  'max-input-mib': { type: 'string' },
  'max-pages': { type: 'string' },
  'memory-mib': { type: 'string' },
  'timeout-ms': { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'];
type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandOptions {
  readonly server: DocumentsServerOptions;
  /** The file of the store. */
  readonly store?: string;
  readonly run: RunOptions;
}

/**
 * Reads flags and environment.
 *
 * @throws {TypeError} naming the flag that is unknown, missing or malformed
 */
export function parseOptions(args: readonly string[], env: Environment): CommandOptions | 'help' {
  const { values: flags } = parseArgs({ args: [...args], options: FLAGS });
  if (flags.help) return 'help';
  const roots = flags.root ?? env['STROM_DOCUMENTS_ROOTS']?.split(delimiter).filter(Boolean) ?? [];
  if (roots.length === 0) throw new TypeError('name at least one folder with --root');
  const workers = wholeNumber('workers', flags.workers, 1);
  const maxDocuments = wholeNumber('max-documents', flags['max-documents'], 1);
  const taskLeaseMs = wholeNumber('task-lease-ms', flags['task-lease-ms'], 1);
  const store = flags.store ?? env['STROM_DOCUMENTS_STORE'];
  if (store === '') throw new TypeError('--store must name a file');
  return {
    server: {
      roots,
      output: flags.output ?? env['STROM_DOCUMENTS_OUTPUT'] ?? 'markdown',
      limits: limitsOf(flags),
      ...(workers !== undefined && { workers }),
      ...(maxDocuments !== undefined && { maxDocuments }),
      ...(taskLeaseMs !== undefined && { taskLeaseMs }),
    },
    ...(store !== undefined && { store }),
    run: runOptions(flags, env),
  };
}

function runOptions(flags: Flags, env: Environment): RunOptions {
  const transport = flags.transport ?? env['STROM_DOCUMENTS_TRANSPORT'] ?? 'stdio';
  if (transport !== 'stdio' && transport !== 'streamable-http') {
    throw new TypeError('--transport must be stdio or streamable-http');
  }
  const port = wholeNumber('port', flags.port ?? env['STROM_DOCUMENTS_PORT'], 0);
  const host = flags.host ?? env['STROM_DOCUMENTS_HOST'];
  return { transport, ...(port !== undefined && { port }), ...(host && { host }) };
}

function limitsOf(flags: Flags): Partial<Limits> {
  const inputMib = wholeNumber('max-input-mib', flags['max-input-mib'], 1);
  const memoryMib = wholeNumber('memory-mib', flags['memory-mib'], 1);
  const maxPages = wholeNumber('max-pages', flags['max-pages'], 1);
  const timeoutMs = wholeNumber('timeout-ms', flags['timeout-ms'], 1);
  return {
    ...(inputMib !== undefined && { maxInputBytes: inputMib * MIB }),
    ...(memoryMib !== undefined && { memoryBytes: memoryMib * MIB }),
    ...(maxPages !== undefined && { maxPages }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function wholeNumber(flag: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) throw new TypeError(`--${flag} must be a whole number from ${least} up`);
  return value;
}
