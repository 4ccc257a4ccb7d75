import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { BENCH_FOLDER } from './contenders.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const PEERS = `${BENCH_FOLDER}peers`;

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

/** Builds the product: what is measured is what is published. */
export function build(): void {
  run('npx', ['tsc', '-b', 'packages/strom'], ROOT);
}

/** Installs the peers at their pinned versions, unless they are there. */
export function installPeers(): void {
  if (!areInstalled()) run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], PEERS);
}

function areInstalled(): boolean {
  const { dependencies } = manifest(PEERS) as { dependencies: Record<string, string> };
  return Object.entries(dependencies).every(([name, version]) => {
    const folder = `${PEERS}/node_modules/${name}`;
    return existsSync(folder) && manifest(folder).version === version;
  });
}

function manifest(folder: string): { version?: string } {
  return JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version?: string };
}
