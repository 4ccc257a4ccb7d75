import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { constants } from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../src/base/logger.ts';
import { forward } from '../../src/serve/forward.ts';
import { listenHttps } from '../../src/serve/http-server.ts';
import type { NodeListener } from '../../src/serve/node-listener.ts';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { resolveTls } from '../../src/serve/tls-options.ts';
import { askHttp2, openHttp2 } from '../harness/http2-client.ts';
import { BODY_HEADERS } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { startVictim, type Victim } from './support/victim.ts';

const { NGHTTP2_CANCEL: CANCEL } = constants;
ownDataHome();

const start = (run: RunOptions = {}): Promise<Victim> =>
  startVictim({ run: { tls: 'dev', ...run } });

describe('S01: an answer in HTTP/2 that is cut', () => {
  it('says so when its reader takes nothing', async () => {
    await using server = await start({ stallTimeoutMs: 300 });
    await using client = await openHttp2(server, { initialWindowSize: 0 });
    const stream = askHttp2(client, { target: '/stream/flood', headers: BODY_HEADERS, body: '{}' });
    await once(stream, 'close');
    expect(stream.rstCode).toBe(CANCEL);
  });

  it('says so when the process that gives it dies', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-cut-'));
    const socket = path.join(folder, '0.sock');
    const owner = createServer((request, response) => {
      request.resume();
      response.write('the first half');
    });
    await once(owner.listen(socket), 'listening');
    const at = { port: 0, host: '127.0.0.1' };
    const { credentials } = await resolveTls('dev', SILENT_LOGGER);
    const request: NodeListener = (incoming, response) =>
      forward(incoming, response, { socket, outlivesProcess: false });
    const door = await listenHttps({ request }, at, credentials);
    await using client = await openHttp2(door);
    const stream = askHttp2(client, { headers: BODY_HEADERS, body: '{}' });
    await once(stream, 'data');
    owner.closeAllConnections();
    // Not `once`, which would reject: that the stream is no good is what is said.
    await new Promise((resolve) => stream.on('close', resolve));
    expect(stream.rstCode).not.toBe(constants.NGHTTP2_NO_ERROR);
    client.destroy();
    await Promise.all([door.close(), new Promise((resolve) => owner.close(resolve))]);
    await rm(folder, { recursive: true });
  });
});
