import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Runner } from './command-run.ts';
import type { ServeFlags } from './commands/serve.ts';
import { collect } from './connection-flags.ts';

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('Ports are 0 to 65535.');
  return port;
}

function parseWorkers(text: string): number {
  const workers = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (workers < 1) throw new InvalidArgumentError('Workers are 1 to 999.');
  return workers;
}

/** `strom serve`: the options of `run()` as flags. */
export function addServe(program: Command, run: Runner): void {
  const serve = program
    .command('serve')
    .description('serve the Strom that a module exports, as default or as strom')
    .argument('<module>', 'a JavaScript file')
    .addOption(
      new Option('--transport <name>', 'sse is streamable-http with the old HTTP+SSE beside it')
        .choices(['stdio', 'streamable-http', 'sse'])
        .default('streamable-http'),
    )
    .option('--path <path>', 'where MCP is served (default: /mcp)')
    .option('--legacy-sse', 'serve HTTP+SSE on /sse and /messages as well')
    .option('--workers <number>', 'serve with this many processes', parseWorkers)
    .option('--store <file>', 'keep tasks and sessions in this file; given to an exported function')
    .option('-v, --verbose', 'stacks of errors');
  addDoor(serve).action((module: string, flags: ServeFlags) =>
    run(flags, async (run) =>
      (await import('./commands/serve.ts')).runServe(run, { module, flags }),
    ),
  );
}

/** Where it listens, who may come in, and what protects them on the way. */
function addDoor(command: Command): Command {
  return command
    .option('--port <number>', '0 for any free one (default: 3000)', parsePort)
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--public-url <url>', 'the URL clients connect to, where it is another')
    .option('--allowed-host <host>', 'a Host header to accept; repeat for several', collect)
    .option('--allowed-origin <origin>', 'an Origin to accept; repeat for several', collect)
    .option('--api-keys <file>', 'let in whoever has a key of this file; see strom keys')
    .option('--allow-anonymous', 'let other machines call without credentials')
    .option('--tls', 'serve HTTPS and HTTP/2 with a local certificate, made on first use')
    .option('--cert <file>', 'serve HTTPS and HTTP/2 with this certificate chain (PEM)')
    .option('--key <file>', 'the private key of --cert (PEM)')
    .option('--behind-proxy', 'a proxy in front speaks TLS')
    .option(
      '--trusted-proxy <range>',
      'address or CIDR range of a proxy that says who calls; repeat for several',
      collect,
    )
    .option('--metrics', 'serve /metrics, which strom report asks as well')
    .option('--public-metrics', 'the same, for everybody who may call, without a scope');
}
