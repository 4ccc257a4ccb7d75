import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import type { RunOptions } from '../../src/serve/run-options.ts';
import type { Strom } from '../../src/serve/strom.ts';
import { makeFixture } from '../harness/fixture-server.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { addGrow, addMeeting, addWalk, type Diary } from './support/browser-tools.ts';
import { hasChromium, inPage, openChromium, openPage } from './support/chromium.ts';
import { bundleClient } from './support/client-bundle.ts';
import { pageListener, type WatchedServer, watchServer } from './support/watched-server.ts';

const STEPS = 3;
const FOREIGN_NAME = 'evil.test';

/** What a walk leaves in the diary if each event was heard before the next was said. */
const WALKED = Array.from({ length: STEPS }, (_, index) => index + 1)
  .flatMap((step) => [`progress ${step}/${STEPS}`, `info step ${step}`])
  .flatMap((event) => [event, `heard ${event}`]);

const SAID = WALKED.filter((entry) => !entry.startsWith('heard'));

describe('the client, bundled for a browser', () => {
  it('needs nothing of Node but for the stdio channel, which is loaded on demand', async () => {
    const { imports, onDemand } = await bundleClient('entry');
    expect(imports).toEqual([]);
    const ofNode = [...onDemand].filter(([, open]) => open.length > 0).map(([file]) => file);
    expect(ofNode).toEqual([expect.stringMatching(/^node-stdio-channel-/)]);
  });
});

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly diary: Diary;
}

async function serve(options: RunOptions): Promise<Served> {
  const strom: Strom = makeFixture({ logger: new LogRecorder() });
  const diary: Diary = [];
  addWalk(strom, diary);
  addMeeting(strom);
  addGrow(strom);
  const running = await strom.run({ port: 0, handleSignals: false, ...options });
  return { url: running.url ?? '', diary, [Symbol.asyncDispose]: () => running.close() };
}

describe.skipIf(!hasChromium)('the client in Chromium', () => {
  let browser: Browser;
  let pages: WatchedServer;
  let page: Page;

  beforeAll(async () => {
    pages = await watchServer(pageListener((await bundleClient('program')).scripts));
    browser = await openChromium([
      '--ignore-certificate-errors',
      `--host-resolver-rules=MAP ${FOREIGN_NAME} 127.0.0.1`,
    ]);
    page = await openPage(browser, pages.origin);
  }, 30_000);

  afterAll(async () => {
    await browser?.close();
    await pages?.[Symbol.asyncDispose]();
  });

  describe.each(['stateless', 'session', 'sse'] as const)('in the %s era', (era) => {
    const door = era === 'sse' ? ({ transport: 'sse' } as const) : {};
    const urlOf = ({ url }: Served): string => (era === 'sse' ? url.replace('/mcp', '/sse') : url);

    it('hears each progress and log event before the tool goes on', async () => {
      await using server = await serve({ ...door, allowedOrigins: [pages.origin] });
      const walked = await inPage(page, 'walk', urlOf(server), era, STEPS);
      expect(server.diary).toEqual(WALKED);
      expect(walked.seen).toEqual(SAID);
      expect(walked.result).toEqual([{ type: 'text', text: `walked ${STEPS}` }]);
    });

    it('is told that the list of tools has changed', async () => {
      await using server = await serve({ ...door, allowedOrigins: [pages.origin] });
      expect(await inPage(page, 'follow', urlOf(server), era, 'sprout')).toContain('sprout');
    });

    it('cancels a call on the server when the page aborts it', async () => {
      await using server = await serve({ ...door, allowedOrigins: [pages.origin] });
      const { code, why } = await inPage(page, 'abort', urlOf(server), era);
      expect(code).toBe('ERR_CANCELLED');
      expect(why).toBe(era === 'stateless' ? 'ERR_PEER_GONE' : 'ERR_CANCELLED');
    });
  });

  it('reads each piece of a plain HTTP stream before the tool goes on', async () => {
    await using server = await serve({ allowedOrigins: [pages.origin] });
    const { origin } = new URL(server.url);
    const kinds = await inPage(page, 'walkPlainly', origin, STEPS);
    expect(server.diary).toEqual(WALKED);
    expect(kinds).toEqual([
      ...SAID.map((said) => said.replace(/info .*/, 'log').replace(/ .*/, '')),
      'result',
    ]);
  });

  it('finds the era by itself', async () => {
    await using server = await serve({ allowedOrigins: [pages.origin] });
    expect(await inPage(page, 'tryConnect', server.url)).toMatchObject({ code: 'connected' });
  });

  it('says that nobody answers when the server does not allow the page', async () => {
    await using server = await serve({});
    expect(await inPage(page, 'tryConnect', server.url)).toMatchObject({ code: 'ERR_CONNECT' });
  });

  it('reads the challenge of a server that wants a key, and gets in with one', async () => {
    const { key, record } = createApiKey({ name: 'page' });
    const auth = [apiKeys({ keys: [record] })];
    await using server = await serve({ auth, allowedOrigins: [pages.origin] });
    const refused = { status: 401, challenge: expect.stringContaining('Bearer') };
    expect(await inPage(page, 'tryConnect', server.url)).toEqual({
      code: 'ERR_HTTP_STATUS',
      data: refused,
    });
    for (const headers of [{ Authorization: `Bearer ${key}` }, { 'X-API-Key': key }]) {
      const { code } = await inPage(page, 'tryConnect', server.url, headers);
      expect(code).toBe('connected');
    }
  });

  it('loads no script beside its own', () => {
    const scripts = pages.answered.filter(({ url }) => url.endsWith('.js'));
    expect(scripts.some(({ url }) => url.includes('node-'))).toBe(false);
    expect(scripts.length).toBeGreaterThan(0);
  });

  describe('over HTTPS', () => {
    ownDataHome();

    it.each(['stateless', 'session'] as const)(
      'hears each event live over HTTP/2 in the %s era',
      async (era) => {
        await using server = await serve({ tls: 'dev', allowedOrigins: [pages.origin] });
        const protocols = await protocolsUsed(page, server.url);
        const walked = await inPage(page, 'walk', server.url, era, STEPS);
        expect(server.diary).toEqual(WALKED);
        expect(walked.seen).toEqual(SAID);
        expect([...(await protocols())]).toEqual(['h2']);
      },
    );

    it('lets the page read that a request was too large', async () => {
      const limits = { maxBodyBytes: 1024, allowedOrigins: [pages.origin] };
      await using server = await serve({ tls: 'dev', ...limits });
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify('x'.repeat(2 ** 20)) };
      expect(await inPage(page, 'probe', server.url, init)).toMatchObject({ status: 413 });
    });

    it('refuses a page that is not allowed, and one whose name was rebound to it', async () => {
      await using server = await serve({ tls: 'dev' });
      const { origin, port } = new URL(server.url);
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
      const seen = await inPage(page, 'probe', `${origin}/stream/hello`, init);
      expect(seen).toMatchObject({ status: 0 });
      const rebound = await browser.newPage();
      const opened = await rebound.goto(`https://${FOREIGN_NAME}:${port}/healthz`);
      expect(opened?.status()).toBe(403);
      const call = (sent: typeof init) => fetch('/stream/hello', sent).then((got) => got.status);
      expect(await rebound.evaluate(call, init)).toBe(403);
      await rebound.close();
    });

    it('has more streams open at once than HTTP/1.1 has connections', async () => {
      await using server = await serve({ tls: 'dev', allowedOrigins: [pages.origin] });
      expect(await inPage(page, 'meet', server.url, 20)).toBe(20);
    });
  });
});

/** Watches which protocols the page speaks with a server, by the word of the browser. */
async function protocolsUsed(page: Page, url: string): Promise<() => Promise<Set<string>>> {
  const session = await page.context().newCDPSession(page);
  const used = new Set<string>();
  session.on('Network.responseReceived', ({ response }) => {
    if (response.url.startsWith(url)) used.add(response.protocol ?? 'unknown');
  });
  await session.send('Network.enable');
  return async () => {
    await session.detach();
    return used;
  };
}
