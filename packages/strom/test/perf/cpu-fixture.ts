/**
 * Answers a tool call, plainly on `node:http` or with Strom, as its argument says. For every line it
 * reads it says how many microseconds of CPU it has used.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { Strom } from '../../src/serve/strom.ts';

const TEXT = 'hello';

/** Parses and answers; checks nothing. */
function floor(): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: number };
      response.writeHead(200, { 'content-type': 'application/json' });
      const result = { content: [{ type: 'text', text: TEXT }] };
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
}

function product(): Server {
  const strom = new Strom({ name: 'measured', version: '0.0.1' });
  strom.tool('hello', { description: 'Says hello' }, () => TEXT);
  return createServer(strom.listener());
}

const server = process.argv[2] === 'floor' ? floor() : product();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
createInterface({ input: process.stdin }).on('line', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${user + system}\n`);
});
