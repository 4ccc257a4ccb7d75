/**
 * Starts one conversion process with as few rights as the platform allows.
 *
 * ```
 * prlimit   no core dumps, hard cap on data memory        (Linux, if installed)
 *  └ setpriv   dies with its parent, even by SIGKILL       (Linux, if installed)
 *     └ node      no file writes, no child processes, no eval, bounded heap
 * ```
 *
 * Both helpers replace themselves by the next program, so the process id is
 * that of node. Arguments are arrays; no shell is involved.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Room above the memory limit for what V8 maps but the watch does not count. */
const DATA_HEADROOM_BYTES = 512 * 1024 * 1024;
/** The heap may take this part of the memory limit; buffers live outside it. */
const HEAP_SHARE = 0.6;
const MIB = 1024 * 1024;

/**
 * Starts a process that waits for its first document.
 *
 * @param script - the module to run; it may read its own package and `node_modules`
 */
export function launchWorker(memoryBytes: number, script = workerScript()): ChildProcess {
  const [command, ...prefix] = [...launcherPrefix(memoryBytes), process.execPath];
  return fork(script, [], {
    execPath: command ?? process.execPath,
    execArgv: [...prefix, ...nodeFlags(script, memoryBytes)],
    // Secrets in the environment are none of a parser's business.
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/**
 * Finds the built script.
 *
 * Tests import the TypeScript source, but plain node runs only the build.
 */
function workerScript(): string {
  const built = import.meta.url.endsWith('.ts')
    ? '../../dist/workers/worker-main.js'
    : './worker-main.js';
  return fileURLToPath(new URL(built, import.meta.url));
}

function launcherPrefix(memoryBytes: number): string[] {
  if (process.platform !== 'linux') return [];
  const prlimit = findProgram('prlimit');
  const setpriv = findProgram('setpriv');
  const prefix: string[] = [];
  if (prlimit) {
    prefix.push(prlimit, '--core=0', `--data=${memoryBytes + DATA_HEADROOM_BYTES}`, '--');
  }
  if (setpriv) prefix.push(setpriv, '--pdeathsig', 'KILL');
  return prefix;
}

function nodeFlags(script: string, memoryBytes: number): string[] {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  return [
    permission,
    ...readableFolders(script).map((folder) => `--allow-fs-read=${folder}/*`),
    '--disallow-code-generation-from-strings',
    '--disable-warning=ExperimentalWarning',
    `--max-old-space-size=${Math.floor((memoryBytes * HEAP_SHARE) / MIB)}`,
  ];
}

/** The package itself and every `node_modules` its imports may resolve to. */
function readableFolders(script: string): string[] {
  const packageFolder = dirname(dirname(dirname(script)));
  const folders = [packageFolder];
  for (let folder = packageFolder; folder !== dirname(folder); folder = dirname(folder)) {
    folders.push(join(dirname(folder), 'node_modules'));
  }
  return folders;
}

function findProgram(name: string): string | undefined {
  return [`/usr/bin/${name}`, `/bin/${name}`].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      // Not installed here: the other bounds still hold.
      return false;
    }
  });
}
