import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that was answered. */
export interface Answered {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly origin: string | undefined;
  /** What the browser says of where the request comes from. */
  readonly site: string | undefined;
}

export interface WatchedServer extends AsyncDisposable {
  readonly port: number;
  /** By its address; a test may use another name for it. */
  readonly origin: string;
  readonly answered: readonly Answered[];
  /** The first answer whose URL contains `part`, once there is one. */
  answerTo(part: string): Promise<Answered>;
  /** Closes the connections a browser keeps for its next request. */
  closeIdle(): void;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Listens on a free port of loopback and keeps what was asked and answered. */
export async function watchServer(listener: Listener): Promise<WatchedServer> {
  const answered: Answered[] = [];
  let announce = new AbortController();
  const server = createServer((request, response) => {
    response.once('close', () => {
      const { method = '', url = '', headers } = request;
      const site = headers['sec-fetch-site'] as string | undefined;
      const { origin } = headers;
      answered.push({ method, url, status: response.statusCode, origin, site });
      announce.abort();
      announce = new AbortController();
    });
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    answered,
    async answerTo(part) {
      for (;;) {
        const found = answered.find(({ url }) => url.includes(part));
        if (found !== undefined) return found;
        await once(announce.signal, 'abort');
      }
    },
    closeIdle: () => server.closeIdleConnections(),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Serves a page that loads `program.js`, and the scripts. */
export function pageListener(scripts: ReadonlyMap<string, string>): Listener {
  return (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const script = scripts.get(pathname.slice(1));
    if (script !== undefined) {
      response.setHeader('content-type', 'text/javascript').end(script);
    } else if (pathname === '/') {
      const html = '<!doctype html><body><script type="module" src="/program.js"></script>';
      response.setHeader('content-type', 'text/html').end(html);
    } else response.writeHead(404).end();
  };
}
