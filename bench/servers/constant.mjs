/**
 * The ceiling: `node:http` that reads nothing of the body and answers with a constant. No server on
 * `node:http` can be faster.
 *
 * @module
 */
import { createServer } from 'node:http';
import { ready } from './control.mjs';
import { echoText, emitNotes } from './tools.mjs';

const ECHO = { text: 'hello', times: 3 };
const NOTES = { total: 100, pace: 'burst' };

/** Only the id of the request is filled in: the constant is the answer to `"id":1`. */
function resultOf(text) {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } });
}

async function notesBody() {
  let body = '';
  const text = await emitNotes(NOTES, (progress, total, message) => {
    const params = { progressToken: 1, progress, total, message };
    const json = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params });
    body += `data: ${json}\n\n`;
  });
  return Buffer.from(`${body}data: ${resultOf(text)}\n\n`);
}

const echo = Buffer.from(resultOf(echoText(ECHO)));
const notes = await notesBody();

const server = createServer((req, res) => {
  req.resume();
  req.on('end', () => {
    const isStream = req.headers['mcp-name'] === 'notify';
    const body = isStream ? notes : echo;
    res.writeHead(200, {
      'content-type': isStream ? 'text/event-stream' : 'application/json',
      'content-length': body.length,
    });
    res.end(body);
  });
});
server.listen(0, '127.0.0.1', () => ready(server.address().port));
