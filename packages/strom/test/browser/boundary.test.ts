import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Strom } from '../../src/serve/strom.ts';
import type { HttpOptions } from '../../src/transports/http/http-host.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { modernBody, sessionBody } from '../harness/mcp-request.ts';
import { addTraps, type Diary } from './support/browser-tools.ts';
import { hasChromium, inPage, openChromium, openPage } from './support/chromium.ts';
import { bundleClient } from './support/client-bundle.ts';
import { READING_ATTACKS, WRITING_ATTACKS } from './support/page-attacks.ts';
import { pageListener, type WatchedServer, watchServer } from './support/watched-server.ts';
import '../faults/support/base-line.ts';

const FOREIGN_NAME = 'evil.test';
const PREFLIGHT_SECONDS = 7200;
const MAX_BODY_BYTES = 64 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const CALL = { name: 'act', arguments: {} };

let browser: Browser;
let scripts: ReadonlyMap<string, string> = new Map();
let pages: WatchedServer;

interface Guarded extends WatchedServer {
  /** What has run. */
  readonly diary: Diary;
}

/** A server with two tools that must not run; what is not its own is a page of an attacker. */
async function guard(options: HttpOptions = {}): Promise<Guarded> {
  const strom = new Strom({ name: 'guarded', version: '1.0.0', logger: new LogRecorder() });
  const diary: Diary = [];
  addTraps(strom, diary);
  const listener = strom.listener({ maxBodyBytes: MAX_BODY_BYTES, legacySse: true, ...options });
  const attacker = pageListener(scripts);
  const server = await watchServer((request, response) =>
    listener(request, response, () => attacker(request, response)),
  );
  return { ...server, diary };
}

describe.skipIf(!hasChromium)('O03, O06, O07: the browser boundary', () => {
  /** The page the servers allow, where they allow one. */
  let allowed: Page;

  beforeAll(async () => {
    ({ scripts } = await bundleClient('program'));
    pages = await watchServer(pageListener(scripts));
    browser = await openChromium([`--host-resolver-rules=MAP ${FOREIGN_NAME} 127.0.0.1`]);
    allowed = await openPage(browser, pages.origin);
  }, 30_000);

  afterEach(() => pages.closeIdle());

  afterAll(async () => {
    await browser?.close();
    await pages?.[Symbol.asyncDispose]();
  });

  describe.each([
    ['another port of the same host', (port: number) => `http://127.0.0.1:${port}`],
    ['another site', (port: number) => `http://localhost:${port}`],
    ['a name that leads here', (port: number) => `http://${FOREIGN_NAME}:${port}`],
  ])('for a page on %s', (_, addressOf) => {
    let page: Page;
    let server: Guarded;

    beforeAll(async () => {
      page = await openPage(browser, addressOf(pages.port));
      server = await guard({ allowedOrigins: ['https://app.example.com'] });
    });

    afterEach(() => server.closeIdle());

    afterAll(async () => {
      await page?.close();
      await server?.[Symbol.asyncDispose]();
    });

    it.each(READING_ATTACKS)('refuses a GET by %s, and no tool runs', async (kind) => {
      const attempt = `?attempt=${kind}`;
      await inPage(page, 'attack', kind, `${server.origin}/stream/look${attempt}`);
      expect(await server.answerTo(attempt)).toMatchObject({ method: 'GET', status: 403 });
      await inPage(page, 'attack', kind, `${server.origin}/sse${attempt}-sse`);
      expect(await server.answerTo(`${attempt}-sse`)).toMatchObject({ status: 403 });
      expect(server.diary).toEqual([]);
    });

    it.each(WRITING_ATTACKS)('refuses a POST by %s, and no tool runs', async (kind) => {
      const attempt = `?attempt=${kind}`;
      await inPage(page, 'attack', kind, `${server.origin}/stream/act${attempt}`, '{"a":1}');
      expect(await server.answerTo(attempt)).toMatchObject({ status: 403 });
      for (const era of ['stateless', 'session']) {
        const body = (era === 'stateless' ? modernBody : sessionBody)('tools/call', CALL);
        await inPage(page, 'attack', kind, `${server.origin}/mcp${attempt}-${era}`, body);
        expect(await server.answerTo(`${attempt}-${era}`)).toMatchObject({ status: 403 });
      }
      expect(server.diary).toEqual([]);
    });

    it('keeps every answer from it', async () => {
      const { origin } = server;
      const call = { method: 'POST', headers: JSON_TYPE, body: modernBody('tools/call', CALL) };
      expect(await inPage(page, 'probe', `${origin}/mcp`, call)).toMatchObject({ status: 0 });
      expect(await inPage(page, 'probe', `${origin}/healthz`, {})).toMatchObject({ status: 0 });
      expect(await inPage(page, 'tryConnect', `${origin}/mcp`)).toMatchObject({
        code: 'ERR_CONNECT',
      });
      expect(server.diary).toEqual([]);
    });
  });

  describe('for a page whose name was rebound to the server', () => {
    it('refuses every request, though the browser takes them for its own', async () => {
      await using server = await guard();
      const origin = `http://${FOREIGN_NAME}:${server.port}`;
      const page = await openPage(browser, origin);
      const body = modernBody('tools/call', CALL);
      const call = { method: 'POST', headers: JSON_TYPE, body };
      const requests = [
        [`${origin}/mcp`, call],
        [`${origin}/stream/act`, { ...call, body: '{}' }],
        [`${origin}/stream/look`, {}],
        [`${origin}/sse`, {}],
        [`${origin}/healthz`, {}],
        [`${origin}/mcp`, { method: 'OPTIONS' }],
      ] as const;
      for (const [url, init] of requests) {
        expect(await inPage(page, 'probe', url, init), url).toMatchObject({ status: 403 });
      }
      expect(await inPage(page, 'tryConnect', `${origin}/mcp`)).toEqual({
        code: 'ERR_HTTP_STATUS',
        data: { status: 403 },
      });
      expect(server.diary).toEqual([]);
      await page.close();
    });
  });

  describe('for a page of an allowed origin', () => {
    it('lets a GET and a call through', async () => {
      await using server = await guard({ allowedOrigins: [pages.origin] });
      await inPage(allowed, 'attack', 'event-source', `${server.origin}/stream/look?attempt=1`);
      expect(await server.answerTo('attempt=1')).toMatchObject({ status: 200 });
      const call = { method: 'POST', headers: JSON_TYPE, body: '{}' };
      const seen = await inPage(allowed, 'probe', `${server.origin}/stream/act`, call);
      expect(seen.status).toBe(200);
      expect(server.diary).toEqual(['look 1', 'act']);
    });

    it('is asked for permission once, however often the page calls', async () => {
      await using server = await guard({ allowedOrigins: [pages.origin] });
      const call = { method: 'POST', headers: JSON_TYPE, body: '{}' };
      for (let index = 0; index < 3; index += 1) {
        await inPage(allowed, 'probe', `${server.origin}/stream/act`, call);
      }
      expect(server.answered.map(({ method }) => method)).toEqual([
        'OPTIONS',
        'POST',
        'POST',
        'POST',
      ]);
    });

    it('permits the headers of MCP and of credentials by name, and no others', async () => {
      await using server = await guard({ allowedOrigins: [pages.origin] });
      const url = `${server.origin}/stream/look`;
      const sending = (name: string, value = 'x') =>
        inPage(allowed, 'probe', url, { headers: { [name]: value } }).then(({ status }) => status);
      const names = ['authorization', 'x-api-key', 'mcp-param-region', 'traceparent'];
      for (const name of names) expect(await sending(name), name).toBe(200);
      expect(await sending('mcp-name', 'look')).toBe(200);
      for (const name of ['x-forwarded-for', 'x-other', 'mcp-other']) {
        expect(await sending(name), name).toBe(0);
      }
    });

    it('names methods, headers and a time in the answer to a preflight', async () => {
      await using server = await guard({ allowedOrigins: [pages.origin] });
      const { headers, status } = await fetch(`${server.origin}/mcp`, {
        method: 'OPTIONS',
        headers: {
          origin: pages.origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-other',
        },
      });
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe(pages.origin);
      expect(headers.get('access-control-allow-headers')).toBe('content-type');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('access-control-max-age')).toBe(String(PREFLIGHT_SECONDS));
      expect(headers.get('vary')).toBe('origin');
    });

    it('lets the page read why it is refused', async () => {
      await using server = await guard({ allowedOrigins: [pages.origin] });
      const post = (body: string) => ({ method: 'POST', headers: JSON_TYPE, body });
      const answers = [
        ['/stream/nothing', post('{}'), 404],
        ['/stream/act', {}, 405],
        ['/stream/act', { ...post('{}'), headers: { 'content-type': 'text/plain' } }, 415],
        ['/stream/act', post(JSON.stringify('x'.repeat(MAX_BODY_BYTES))), 413],
        ['/mcp', post(JSON.stringify('x'.repeat(40 * MAX_BODY_BYTES))), 413],
        ['/mcp', post('{'), 400],
      ] as const;
      for (const [path, init, status] of answers) {
        const seen = await inPage(allowed, 'probe', `${server.origin}${path}`, init);
        expect(seen, path).toMatchObject({ status });
        expect(JSON.parse(seen.body)).toHaveProperty('error.code');
      }
      expect(server.diary).toEqual([]);
    });
  });
});
