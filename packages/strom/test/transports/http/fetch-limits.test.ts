import { describe, expect, it } from 'vitest';
import { Strom } from '../../../src/serve/strom.ts';
import { BODY_HEADERS } from '../../harness/mcp-request.ts';

const MAX_BODY_BYTES = 1000;

describe('a web-standard request that says its body is too long', () => {
  it('is refused before the body comes', async () => {
    const strom = new Strom({ name: 'fetched', version: '1.0.0' });
    const headers = new Headers(
      BODY_HEADERS.map(([name, value]): [string, string] => [name, value]),
    );
    headers.set('Content-Length', String(MAX_BODY_BYTES + 1));
    const request = new Request('http://localhost/mcp', {
      method: 'POST',
      headers,
      body: new ReadableStream(),
      duplex: 'half',
    });
    const answer = await strom.fetch(request, { maxBodyBytes: MAX_BODY_BYTES });
    expect(answer.status).toBe(413);
  });
});
