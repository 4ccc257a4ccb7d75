import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createApiKey, parseApiKey } from '../../src/auth/keys/api-key.ts';
import { changeKeyFile } from '../../src/auth/keys/key-file.ts';
import { connect } from '../../src/entry/client.ts';
import { strom } from '../cli/support/strom-command.ts';
import { initializeBody, modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { formsOf } from '../harness/secret-forms.ts';
import { plainCall } from './support/plain-call.ts';
import { ProbedProcess } from './support/probed-process.ts';
import { baseLineAfter, closeFetchConnections, harmOf } from './support/recovery.ts';

const CANARY = 'canary/7f3a9c51e2+04b8?d6';
const TOOLS = ['echo', 'speak', 'refuse', 'crash', 'odd', 'none', CANARY];

/** A server in a process of its own, and the folder for everything it writes. */
async function startCanary() {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-canary-'));
  const { key, record } = createApiKey({ name: 'ci', scopes: ['metrics'] });
  await changeKeyFile(path.join(folder, 'keys.json'), () => [record], {
    act: 'created',
    key: record,
  });
  const server = new ProbedProcess('../faults/canary-fixture.ts', [folder], {
    env: { TMPDIR: folder },
  });
  const url = (await server.line()) ?? '';
  const call = (): Promise<void> => plainCall({ url, key });
  const base = await baseLineAfter(server, async () => {
    for (let count = 0; count < 100; count += 1) await call();
    await (await fetch(new URL('/metrics', url), { headers: { 'x-api-key': key } })).text();
    await closeFetchConnections();
  });
  return {
    key,
    url,
    harm: () => harmOf(base, call),
    /** Everything that was written by the time the process has ended, by where. */
    async written(): Promise<ReadonlyMap<string, string>> {
      server.child.kill('SIGTERM');
      const stdout = await server.line();
      expect(await server.exited).toBe(0);
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const texts = new Map([
        ['stdout', stdout ?? ''],
        ['stderr', server.stderr],
      ]);
      for (const file of files.filter((each) => each.isFile())) {
        const name = path.join(file.parentPath, file.name);
        texts.set(path.relative(folder, name), `${name}\n${await readFile(name, 'latin1')}`);
      }
      return texts;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

type Headers = Record<string, string>;

/** The canary wherever a stateless request has room for it. */
function everywhere(tool: string, credentials: Headers, state: object = {}): RequestInit {
  const params = {
    ...state,
    name: tool,
    arguments: { text: CANARY, nested: { password: CANARY } },
    inputResponses: { [CANARY]: { action: 'accept', content: { name: CANARY } } },
    _meta: { 'example.com/secret': CANARY, progressToken: CANARY, tracestate: CANARY },
  };
  const headers = {
    ...Object.fromEntries(modernHeaders('tools/call', tool)),
    'last-event-id': CANARY,
    cookie: `session=${CANARY}`,
    'x-secret': CANARY,
    'mcp-session-id': CANARY,
    ...credentials,
  };
  return { method: 'POST', headers, body: modernBody('tools/call', params, 7) };
}

async function attack(url: string, key: string): Promise<readonly string[]> {
  const origin = new URL(url).origin;
  const credentials = { 'x-api-key': key };
  const json = { 'content-type': 'application/json', accept: '*/*' };
  const secret = encodeURIComponent(CANARY);
  const listing = Object.fromEntries(modernHeaders('tools/list'));
  const requests: readonly [string, RequestInit][] = [
    ...TOOLS.map((tool): [string, RequestInit] => [url, everywhere(tool, credentials)]),
    [url, everywhere('ask', credentials, { requestState: CANARY })],
    [`${url}?access_token=${secret}&x=${secret}`, everywhere('echo', credentials)],
    [url, everywhere('echo', { authorization: `Bearer ${CANARY}` })],
    [url, everywhere('echo', { authorization: `Basic ${btoa(`user:${CANARY}`)}` })],
    [url, everywhere('echo', { 'x-api-key': CANARY })],
    [url, everywhere('echo', { ...credentials, authorization: `Bearer ${key}` })],
    [url, { method: 'POST', headers: { ...listing, ...credentials }, body: `{"a":"${CANARY}` }],
    [url, { method: 'POST', headers: { ...listing, ...credentials }, body: `["${CANARY}"]` }],
    [url, { method: 'POST', headers: { ...json, ...credentials }, body: modernBody(CANARY) }],
    [`${origin}/${secret}?x=${secret}`, { headers: credentials }],
    [`${origin}/stream/echo?logLevel=${secret}`, { method: 'POST', headers: credentials }],
    [
      `${origin}/stream/speak?x=${secret}`,
      { method: 'POST', headers: { ...json, ...credentials }, body: `{"text":"${CANARY}"}` },
    ],
    [
      `${origin}/messages?sessionId=${secret}`,
      { method: 'POST', headers: credentials, body: '{}' },
    ],
    [
      url,
      { method: 'POST', headers: { ...json, ...credentials }, body: initializeBody('2025-11-25') },
    ],
    [url, { headers: { ...credentials, origin: `https://${CANARY.slice(7, 17)}.example` } }],
  ];
  const answers: string[] = [];
  for (const [target, init] of requests) {
    const response = await fetch(target, init);
    answers.push(await response.text());
    const session = response.headers.get('mcp-session-id');
    if (session === null) continue;
    const end = { method: 'DELETE', headers: { ...credentials, 'mcp-session-id': session } };
    expect((await fetch(url, end)).status).toBe(204);
  }
  return answers;
}

/** The canary as the answer to a question, as the name of a resource, and in a level of a log. */
async function converse(url: string, headers: Headers, era: 'stateless' | 'session' | 'sse') {
  const target = era === 'sse' ? new URL('/sse', url).href : url;
  await using client = await connect(target, {
    era,
    headers,
    handlers: { elicit: () => ({ action: 'accept', content: { name: CANARY } }) },
  });
  await client.call('ask');
  await client.call('speak', { text: CANARY });
  await client.call('crash', { text: CANARY }).catch(() => undefined);
  await client.readResource(`secret://${CANARY}`);
  await client.readResource(`none://${CANARY}`).catch(() => undefined);
}

describe('L04: a secret in every input', () => {
  it('is in nothing that was written, in no encoding', async () => {
    await using canary = await startCanary();
    const { key, url } = canary;
    const answers = await attack(url, key);
    // What is looked for can be found: the tools give it back, and some did.
    expect(answers.filter((answer) => answer.includes(CANARY)).length).toBeGreaterThan(2);
    const headers = { 'x-api-key': key, cookie: CANARY };
    for (const era of ['stateless', 'session', 'sse'] as const) await converse(url, headers, era);
    const command = ['call', url, 'crash', `text=${CANARY}`, '-v', '-H', `X-API-Key: ${key}`];
    const cli = await strom(command);
    expect(await canary.harm()).toEqual([]);
    const metrics = await fetch(new URL('/metrics', url), { headers });
    expect(metrics.status).toBe(200);

    const written = new Map([
      ...(await canary.written()),
      ['metrics', await metrics.text()],
      ['command', `${cli.stdout}${cli.stderr}`],
    ]);
    for (const file of ['server.log', 'spans.txt', 'keys.json', 'keys.json.audit']) {
      expect(written.get(file)?.length, file).toBeGreaterThan(100);
    }
    const { secret = '' } = parseApiKey(key) ?? {};
    const forms = [...formsOf(CANARY), ...formsOf(secret)];
    const found = [...written].flatMap(([where, text]) =>
      forms.filter((form) => text.includes(form)).map((form) => `${where}: ${form}`),
    );
    expect(found).toEqual([]);
  });
});

describe('L04: the forms of a secret', () => {
  it.each([0, 1, 2, 3])('are found in Base64 at any offset: %d', (offset) => {
    const text = Buffer.from(`${'x'.repeat(offset)}${CANARY}${'y'.repeat(7)}`).toString('base64');
    expect(formsOf(CANARY).some((form) => text.includes(form))).toBe(true);
  });
});
