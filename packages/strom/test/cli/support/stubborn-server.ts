/** A program that answers like a server, tells its process id, and does not leave when asked to. */
import process from 'node:process';
import { createInterface } from 'node:readline';

interface Message {
  readonly id?: number;
  readonly method?: string;
}

const RESULTS: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'stubborn', version: '1' },
  },
  'tools/list': { tools: [{ name: 'hang', inputSchema: { type: 'object' } }] },
};

for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => process.stderr.write(`ignoring ${name}\n`));
}
setInterval(() => undefined, 3_600_000);
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method = '' } = JSON.parse(line) as Message;
  const result = RESULTS[method];
  if (method === 'tools/call') process.stderr.write(`process ${process.pid} hangs\n`);
  if (method === 'notifications/cancelled') process.stderr.write('told to cancel\n');
  if (method === 'server/discover') {
    reply({ id, error: { code: -32601, message: 'Method not found' } });
  }
  if (id !== undefined && result !== undefined) reply({ id, result });
});

function reply(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}
