/** The proxies of Debian, each in a process of its own, with the configurations of the documents. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const DOCUMENTED = path.join(import.meta.dirname, '../../../../docs/proxies');
const RETRY_MS = 20;

export function isInstalled(command: 'nginx' | 'caddy'): boolean {
  return spawnSync(command, [command === 'nginx' ? '-v' : 'version']).status === 0;
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (found: boolean): void => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

export class ProxyProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port;
    this.#child = child;
    this.#folder = folder;
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /**
   * Starts nginx in front of nodes, in the clear, under the name localhost.
   *
   * @param change - what a test has otherwise than the document
   */
  static async nginx(
    nodes: readonly number[],
    change: (documented: string) => string = (documented) => documented,
  ): Promise<ProxyProcess> {
    const port = await freePort();
    const documented = await readFile(path.join(DOCUMENTED, 'nginx.conf'), 'utf8');
    const servers = nodes.map((node) => `server 127.0.0.1:${node};`).join(' ');
    const site = change(documented)
      .replaceAll('listen 443 ssl http2', `listen 127.0.0.1:${port}`)
      .replaceAll(/^\s*ssl_.*$/gm, '')
      .replaceAll('mcp.example.com', 'localhost')
      .replace('server 127.0.0.1:3000;', servers);
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-nginx-'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
      .join(' ');
    const main = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log;
      events {} http { access_log off; ${temporary} ${site} }`;
    const file = path.join(folder, 'nginx.conf');
    await writeFile(file, main);
    const args = ['-e', `${folder}/log`, '-p', folder, '-c', file];
    return ProxyProcess.#started(port, spawn('nginx', args, { stdio: 'ignore' }), folder);
  }

  /** Starts Caddy in front of nodes, in the clear, under the name localhost. */
  static async caddy(nodes: readonly number[]): Promise<ProxyProcess> {
    const port = await freePort();
    const documented = await readFile(path.join(DOCUMENTED, 'Caddyfile'), 'utf8');
    const site = documented
      .replace(/^mcp\.example\.com \{/m, `http://localhost:${port} {\n\tbind 127.0.0.1`)
      .replace('127.0.0.1:3000', nodes.map((node) => `127.0.0.1:${node}`).join(' '));
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-caddy-'));
    const file = path.join(folder, 'Caddyfile');
    await writeFile(file, `{\n\tadmin off\n}\n${site}`);
    const child = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
      stdio: 'ignore',
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    });
    return ProxyProcess.#started(port, child, folder);
  }

  static async #started(port: number, child: ChildProcess, folder: string): Promise<ProxyProcess> {
    while (!(await isListening(port))) {
      if (child.exitCode !== null) {
        const log = await readFile(path.join(folder, 'log'), 'utf8').catch(() => 'no log');
        throw new Error(`the proxy did not start: ${log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return new ProxyProcess(port, child, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    await rm(this.#folder, { recursive: true });
  }
}
