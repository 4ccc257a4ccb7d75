import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { modernCall } from '../../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../../harness/raw-http.ts';

/** No attack comes from here. */
const ELSEWHERE = '127.9.9.9';
const HELLO = 'still here';

/** Whom to call, and with which key. */
export interface Callee {
  readonly url: string;
  readonly key?: string | undefined;
  /** The name it is served under, where that is not its address. */
  readonly host?: string | undefined;
}

/** Calls `echo` as somebody who has nothing to do with the rest; throws unless it works. */
export async function plainCall({ url, key, host }: Callee): Promise<void> {
  const { protocol, port: text } = new URL(url);
  const port = Number(text);
  await using connection =
    protocol === 'https:'
      ? await overTls(port)
      : await RawConnection.open(port, '127.0.0.1', ELSEWHERE);
  const { headers = [], body = '' } = modernCall('echo', { text: HELLO });
  const own: [string, string][] = [];
  if (key !== undefined) own.push(['X-API-Key', key]);
  if (host !== undefined) own.push(['Host', host]);
  connection.write(rawRequest(port, { headers: [...headers, ...own], body }));
  const answer = await connection.answer();
  if (answer.status !== 200 || !answer.body.includes(`echo: ${HELLO}`)) {
    throw new Error(`a plain call was answered ${answer.status} ${answer.body}`);
  }
}

async function overTls(port: number): Promise<RawConnection> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return RawConnection.over(socket);
}
