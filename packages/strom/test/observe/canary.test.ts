import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../src/base/principal.ts';
import { publicError } from '../../src/base/strom-error.ts';
import type { Authenticator } from '../../src/security/authenticator.ts';
import { BODY_HEADERS, initializeBody, modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { startStrom } from '../harness/start-strom.ts';
import '../faults/support/base-line.ts';

const CANARY = 'canary-7f3a9c51e2';
const FORMS = [
  CANARY,
  Buffer.from(CANARY).toString('base64').slice(0, -4),
  CANARY.replace('-', '%2D'),
];

/** Takes any bearer token that is not told to be bad, and makes the caller's id of it. */
const auth: Authenticator = {
  recognises: (facts) => facts.header('authorization') !== undefined,
  authenticate(facts) {
    const token = facts.header('authorization') ?? '';
    if (token.includes('bad')) throw publicError('ERR_INVALID_TOKEN', 'The token does not hold');
    const scopes = new Set(['metrics']);
    return { ...ANONYMOUS, kind: 'oauth', id: token, scopes };
  },
  challenge: () => 'Bearer realm="test"',
};

/** The secret in every place of a request where one may be. */
function everywhere(tool: string, over: Partial<RawRequest> = {}): RawRequest {
  return {
    target: `/mcp?access_token=x&secret=${CANARY}`,
    headers: [
      ...modernHeaders('tools/call', tool),
      ['Authorization', `Bearer ${CANARY}`],
      ['Cookie', `session=${CANARY}`],
      ['X-Secret', CANARY],
    ],
    body: modernBody('tools/call', {
      name: tool,
      arguments: { text: CANARY, nested: { password: CANARY } },
      requestState: CANARY,
      inputResponses: { answer: { action: 'accept', content: { text: CANARY } } },
      _meta: { 'example.com/secret': CANARY },
    }),
    ...over,
  };
}

const withToken = (token: string): [string, string][] => [
  ...modernHeaders('tools/call', 'echo'),
  ['Authorization', `Bearer ${token}`],
];

describe('L04: a secret in any part of a request', () => {
  it('is in no line of the log at debug level, no metric, and no error body', async () => {
    const written: string[] = [];
    const sink = new Writable({
      write(chunk: Buffer, _, done) {
        written.push(chunk.toString());
        done();
      },
    });
    const logger = pino({ level: 'debug' }, sink);
    await using started = await startStrom(
      (strom) => {
        strom.tool('crash', { description: 'Fails' }, () => {
          throw new Error('a defect');
        });
        strom.tool('admin', { description: 'For others', scopes: ['admin'] }, () => 'never');
        strom.tool('hang', { description: 'Waits' }, async (_, ctx) => {
          await ctx.progress(1);
          await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
        });
      },
      { server: { logger }, run: { metrics: true, legacySse: true, auth: [auth] } },
    );
    const plain = { target: '/mcp' };
    const requests: RawRequest[] = [
      everywhere('echo'),
      ...['echo', 'crash', 'admin', 'none'].map((tool) => everywhere(tool, plain)),
      { ...plain, headers: withToken(`bad-${CANARY}`), body: modernBody('tools/list') },
      { ...plain, headers: withToken(CANARY), body: `{"jsonrpc":"2.0","id":1,"secret":"${CANARY}` },
      { ...plain, headers: withToken(CANARY), body: `["${CANARY}"]` },
      { target: `/none?key=${CANARY}` },
      { target: `/stream/echo?secret=${CANARY}`, body: JSON.stringify({ text: CANARY }) },
      { ...plain, headers: [['Host', CANARY]] },
      { ...plain, headers: [['Origin', `https://${CANARY}.example`]] },
      {
        ...plain,
        headers: [...BODY_HEADERS, ['Authorization', `Bearer ${CANARY}`]],
        body: initializeBody('2025-11-25'),
      },
      { ...plain, headers: [...withToken(CANARY), ['Mcp-Session-Id', CANARY]], method: 'DELETE' },
      { target: `/messages?sessionId=${CANARY}`, headers: withToken(CANARY), body: '{}' },
    ];
    const bodies: string[] = [];
    for (const request of requests) {
      const { status, body, headers } = await started.send(request);
      // The tool gives its argument back, and that is no error.
      if (!body.includes(`echo: ${CANARY}`)) bodies.push(body, ...headers.values());
      expect(status).toBeGreaterThan(0);
    }
    await using hanging = await RawConnection.open(started.port);
    const call = everywhere('hang', { ...plain, body: hangBody() });
    hanging.write(rawRequest(started.port, call));
    await hanging.until((text) => text.includes('progress'));
    hanging.destroy();
    const page = await fetch(`${started.origin}/metrics`, {
      headers: { authorization: `Bearer ${CANARY}` },
    });
    bodies.push(await page.text());
    await started.running.close();
    expect(written.length).toBeGreaterThan(requests.length);
    const everything = [...written, ...bodies].join('\n');
    for (const form of FORMS) expect(everything).not.toContain(form);
  });
});

function hangBody(): string {
  return modernBody('tools/call', {
    name: 'hang',
    arguments: { text: CANARY },
    _meta: { progressToken: 1 },
  });
}
