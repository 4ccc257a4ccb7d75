/**
 * The floor: `node:http` written plainly. It parses JSON and answers; nothing is checked, and each
 * notification is one write.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ready } from './control.mjs';
import { echoText, emitFlood, emitNotes } from './tools.mjs';

const SSE = { 'content-type': 'text/event-stream' };

function resultOf(id, text) {
  return JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
}

function progressEvent(progressToken, [progress, total, message]) {
  const params = { progressToken, progress, total, message };
  const json = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params });
  return `data: ${json}\n\n`;
}

async function stream({ id, params }, res, emitAll) {
  const token = params._meta.progressToken;
  const isAwaited = params.arguments.pace === 'awaited';
  res.writeHead(200, SSE);
  const text = await emitAll(params.arguments, (...note) => {
    const isWritable = res.write(progressEvent(token, note));
    return isWritable || !isAwaited ? undefined : once(res, 'drain');
  });
  res.end(`data: ${resultOf(id, text)}\n\n`);
}

function answer(message, res) {
  const { id, method, params } = message;
  if (method === 'subscriptions/listen') {
    res.writeHead(200, SSE);
    res.write(':\n\n');
  } else if (params.name === 'notify') void stream(message, res, emitNotes);
  else if (params.name === 'flood') void stream(message, res, emitFlood);
  else {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(resultOf(id, echoText(params.arguments)));
  }
}

const server = createServer((req, res) => {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => answer(JSON.parse(Buffer.concat(chunks).toString()), res));
});
server.listen(0, '127.0.0.1', () => ready(server.address().port));
