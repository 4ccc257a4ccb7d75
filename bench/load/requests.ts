/**
 * The requests of the bench, as bytes.
 *
 * @module
 */

/** `stateless`: 2026-07-28, every request speaks for itself; `session`: 2025-11-25. */
export type Dialect = 'stateless' | 'session';

export interface ToolRequest {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Ask for progress; the token is the request's id. */
  readonly wantsProgress: boolean;
}

const VERSIONS = { stateless: '2026-07-28', session: '2025-11-25' } as const;
const CLIENT = { name: 'bench', version: '1.0.0' };

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What carries the requests. */
export type Carrier = 'http' | 'https' | 'h2';

type Headers = Readonly<Record<string, string>>;

export interface Address {
  readonly port: number;
  readonly dialect: Dialect;
  readonly carrier: Carrier;
  /** What the server wants every request to carry. */
  readonly headers: Headers;
  /** Given by the server in its answer to `initialize`. */
  readonly sessionId?: string;
}

/** One request, ready to be sent many times. */
export class HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path = '/mcp';
  readonly authority: string;
  readonly headers: Headers;
  readonly body: string;
  /** The whole request in HTTP/1.1. */
  readonly bytes: Buffer;

  constructor(address: Address, headers: Headers, body?: string) {
    const { port, dialect, sessionId } = address;
    this.method = body === undefined ? 'GET' : 'POST';
    this.authority = `127.0.0.1:${port}`;
    this.body = body ?? '';
    this.headers = {
      'mcp-protocol-version': VERSIONS[dialect],
      ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
      ...address.headers,
      ...headers,
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    };
    const all = Object.entries({ host: this.authority, ...this.headers });
    const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.bytes = Buffer.from(`${this.method} ${this.path} HTTP/1.1\r\n${lines}\r\n${this.body}`);
  }
}

function encode(address: Address, message: Message, headers: Headers): HttpRequest {
  const all = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
  };
  return new HttpRequest(address, all, JSON.stringify({ jsonrpc: '2.0', ...message }));
}

const STATELESS_META = {
  'io.modelcontextprotocol/protocolVersion': VERSIONS.stateless,
  'io.modelcontextprotocol/clientInfo': CLIENT,
  'io.modelcontextprotocol/clientCapabilities': {},
};

function metaOf(address: Address, id: number, wantsProgress: boolean) {
  return {
    ...(address.dialect === 'stateless' && STATELESS_META),
    ...(wantsProgress && { progressToken: id }),
  };
}

/** A `tools/call`. */
export function callRequest(address: Address, id: number, request: ToolRequest): HttpRequest {
  const { tool, args, wantsProgress } = request;
  const params = { name: tool, arguments: args, _meta: metaOf(address, id, wantsProgress) };
  const mirrors = { 'mcp-method': 'tools/call', 'mcp-name': tool };
  const headers = address.dialect === 'stateless' ? mirrors : {};
  return encode(address, { id, method: 'tools/call', params }, headers);
}

/** The first message of a session. */
export function initializeRequest(address: Address): HttpRequest {
  const params = { protocolVersion: VERSIONS.session, capabilities: {}, clientInfo: CLIENT };
  return encode(address, { id: 0, method: 'initialize', params }, {});
}

/** The message that makes a session ready. */
export function initializedNotification(address: Address): HttpRequest {
  return encode(address, { method: 'notifications/initialized' }, {});
}

/** Opens a stream that stays silent: `subscriptions/listen`, or a session's own GET stream. */
export function listenRequest(address: Address): HttpRequest {
  if (address.dialect === 'session') {
    return new HttpRequest(address, { accept: 'text/event-stream' });
  }
  const params = { notifications: { toolsListChanged: true }, _meta: metaOf(address, 1, false) };
  return encode(
    address,
    { id: 1, method: 'subscriptions/listen', params },
    { 'mcp-method': 'subscriptions/listen' },
  );
}
