/**
 * A program that speaks MCP over stdio as its first argument says, well or badly. Written against
 * the wire, without any library.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { name?: string; requestId?: number; protocolVersion?: string };
}

const mode = process.argv[2] ?? 'session';
const filler = 'x'.repeat(8_192);
let writtenBytes = 0;
let isFlooding = false;
const cancelled: unknown[] = [];

function send(message: object): boolean {
  const text = `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
  writtenBytes += text.length;
  return process.stdout.write(text);
}

function answer(id: number | undefined, text: string): void {
  send({ id, result: { content: [{ type: 'text', text }] } });
}

function flood(progressToken: number | undefined): void {
  isFlooding = true;
  let progress = 0;
  const pour = (): void => {
    let hasRoom = isFlooding;
    while (hasRoom) {
      progress += 1;
      const params = { progressToken, progress, message: filler };
      hasRoom = send({ method: 'notifications/progress', params });
    }
  };
  process.stdout.on('drain', pour);
  pour();
}

const TOOLS: Readonly<Record<string, (message: Message) => void>> = {
  flood: ({ id }) => flood(id),
  quick: ({ id }) => answer(id, 'quick'),
  written: ({ id }) => answer(id, String(writtenBytes)),
  environment: ({ id }) => answer(id, JSON.stringify(process.env)),
  arguments: ({ id }) => answer(id, JSON.stringify(process.argv.slice(3))),
  cancelled: ({ id }) => answer(id, JSON.stringify(cancelled)),
  hang: () => undefined,
  exit: () => process.exit(3),
  /** Leaves behind a process that has its output open. */
  orphan() {
    spawn('sleep', ['30'], { stdio: ['ignore', 'inherit', 'ignore'], detached: true }).unref();
    process.exit(3);
  },
  mute: () => process.stdout.end(),
  garbage({ id }) {
    process.stdout.write('starting up…\n\u0000\u00ff{"jsonrpc":"2.0"\n\n[]\n');
    answer(id, 'fine');
  },
  huge({ id }) {
    process.stdout.write(`${'x'.repeat(3_000_000)}\n`);
    answer(id, 'never seen');
  },
};

function handle(message: Message): void {
  const { id, method, params } = message;
  if (method === 'initialize') {
    const protocolVersion = params?.protocolVersion;
    send({
      id,
      result: { protocolVersion, capabilities: {}, serverInfo: { name: 'raw', version: '1' } },
    });
  } else if (method === 'server/discover' && mode !== 'silent') {
    send({ id, error: { code: -32601, message: 'Method not found' } });
  } else if (method === 'ping') send({ id, result: {} });
  else if (method === 'notifications/cancelled') {
    isFlooding = false;
    cancelled.push(params?.requestId);
  } else if (method === 'tools/call') TOOLS[params?.name ?? '']?.(message);
}

if (mode === 'stubborn') {
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1_000);
} else {
  createInterface({ input: process.stdin }).on('close', () => process.exit(0));
}
process.stderr.write('ready\nto serve\n');
createInterface({ input: process.stdin }).on('line', (line) => handle(JSON.parse(line) as Message));
