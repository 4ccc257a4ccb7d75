import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { ManualClock } from './manual-clock.ts';
import {
  answer,
  event,
  openStream,
  type RawHandler,
  serveRaw,
  statelessPeer,
  TEXT_RESULT,
} from './peers/raw-http.ts';
import { STATELESS } from './peers/revisions.ts';

const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });

/** Answers the n-th listing with the n-th page, and the last one for ever. */
function pages(...results: object[]): RawHandler {
  let asked = 0;
  return ({ message }, res) => {
    const page = results[Math.min(asked, results.length - 1)] ?? {};
    asked += 1;
    answer(res, message.id, page);
  };
}

describe('a list', () => {
  it('is read to a bound, however small its pages are', async () => {
    let page = 0;
    const handle: RawHandler = ({ message }, res) => {
      page += 1;
      const tools = [{ ...tool(`t${page}`), description: 'x'.repeat(10_000) }];
      answer(res, message.id, { tools, nextCursor: String(page) });
    };
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    await using client = await connect(server.url, { maxMessageChars: 100_000 });
    await expect(client.listTools()).rejects.toMatchObject({ code: 'ERR_FRAME_TOO_LARGE' });
    expect(page).toBeLessThan(12);
  });

  it('is read page by page, an empty cursor included', async () => {
    await using server = await serveRaw(
      statelessPeer(
        pages(
          { tools: [tool('a')], nextCursor: 'c1' },
          { tools: [tool('b')], nextCursor: '' },
          { tools: [tool('c')] },
        ),
        STATELESS,
      ),
    );
    await using client = await connect(server.url);
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    const cursors = server.requests.slice(1).map(({ message }) => message.params?.['cursor']);
    expect(cursors).toEqual([undefined, 'c1', '']);
  });

  it('whose cursor repeats is refused', async () => {
    await using server = await serveRaw(
      statelessPeer(pages({ tools: [], nextCursor: 'again' }), STATELESS),
    );
    await using client = await connect(server.url);
    await expect(client.listTools()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
    expect(server.requests).toHaveLength(3);
  });

  it('without end is refused', async () => {
    let cursor = 0;
    const endless: RawHandler = ({ message }, res) => {
      cursor += 1;
      answer(res, message.id, { tools: [], nextCursor: String(cursor) });
    };
    await using server = await serveRaw(statelessPeer(endless, STATELESS));
    await using client = await connect(server.url);
    await expect(client.listTools()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
    expect(cursor).toBe(1_000);
  });

  it('loses items without a name, and nothing else', async () => {
    const tools = [tool('a'), null, 1, {}, { name: 1 }, tool('b')];
    await using server = await serveRaw(statelessPeer(pages({ tools }), STATELESS));
    await using client = await connect(server.url);
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('that is none is refused', async () => {
    await using server = await serveRaw(statelessPeer(pages({ tools: {} }), STATELESS));
    await using client = await connect(server.url);
    await expect(client.listTools()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  });

  it('is kept as long as its shortest page allows', async () => {
    const clock = new ManualClock();
    await using server = await serveRaw(
      statelessPeer(
        pages(
          { tools: [tool('a')], ttlMs: 10_000, nextCursor: 'c' },
          { tools: [tool('b')], ttlMs: 5_000 },
          { tools: [tool('new')], ttlMs: 5_000 },
        ),
        STATELESS,
      ),
    );
    await using client = await connect(server.url, { clock });
    await client.listTools();
    clock.advance(4_999);
    expect(await client.listTools()).toHaveLength(2);
    expect(server.requests).toHaveLength(3);
    clock.advance(1);
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['new']);
    expect(server.requests).toHaveLength(4);
  });

  it('is asked for every time where the server gives no time to keep it', async () => {
    await using server = await serveRaw(statelessPeer(pages({ tools: [] }), STATELESS));
    await using client = await connect(server.url);
    await client.listTools();
    await client.listTools();
    expect(server.requests).toHaveLength(3);
  });

  it('is asked for anew on demand', async () => {
    await using server = await serveRaw(
      statelessPeer(pages({ tools: [], ttlMs: 60_000 }), STATELESS),
    );
    await using client = await connect(server.url);
    await client.listTools();
    await client.listTools({ refresh: true });
    expect(server.requests).toHaveLength(3);
  });

  it('is dropped as soon as the server says it changed', async () => {
    const handle: RawHandler = ({ message }, res) => {
      if (message.method === 'tools/list')
        return answer(res, message.id, { tools: [], ttlMs: 60_000 });
      openStream(res);
      res.write(event({ method: 'notifications/tools/list_changed' }));
      return res.end(event({ id: message.id, result: TEXT_RESULT }));
    };
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    await using client = await connect(server.url);
    await client.listTools();
    await client.call('any');
    await client.listTools();
    const listings = server.requests.filter(({ message }) => message.method === 'tools/list');
    expect(listings).toHaveLength(2);
  });

  it('cannot be changed from outside', async () => {
    await using server = await serveRaw(
      statelessPeer(pages({ tools: [tool('a')], ttlMs: 60_000 }), STATELESS),
    );
    await using client = await connect(server.url);
    (await client.listTools()).length = 0;
    expect(await client.listTools()).toHaveLength(1);
  });
});
