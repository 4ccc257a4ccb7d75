import type { Running, RunOptions } from '../../src/serve/run-options.ts';
import { Strom } from '../../src/serve/strom.ts';
import type { ServerOptions } from '../../src/server/server-options.ts';
import { LogRecorder } from './log-recorder.ts';
import { modernCall } from './mcp-request.ts';
import { type RawAnswer, type RawRequest, rawRequest, sendRaw } from './raw-http.ts';

/** A server on a free port of loopback. */
export interface Started extends AsyncDisposable {
  readonly strom: Strom;
  readonly running: Running;
  readonly port: number;
  /** Without a path. */
  readonly origin: string;
  /** Where Streamable HTTP is served. */
  readonly url: string;
  readonly logs: LogRecorder;
  /** Writes one request on a connection of its own and reads the answer. */
  send(request: RawRequest): Promise<RawAnswer>;
  /** Calls `echo`, the tool every started server has, the plain way; throws unless it works. */
  checkAlive(): Promise<void>;
}

export interface StartOptions {
  readonly server?: Partial<ServerOptions>;
  readonly run?: RunOptions;
}

const SERVER_NAME = { name: 'tested', version: '0.0.1' };

/** Starts a server with the tools that `configure` registers, and `echo`. */
export async function startStrom(
  configure: (strom: Strom) => void = () => undefined,
  options: StartOptions = {},
): Promise<Started> {
  const logs = new LogRecorder();
  const strom = new Strom({ ...SERVER_NAME, logger: logs, ...options.server });
  strom.tool(
    'echo',
    { description: 'Gives back its text', input: textInput },
    ({ text }) => `echo: ${text}`,
  );
  configure(strom);
  const running = await strom.run({ port: 0, handleSignals: false, ...options.run });
  const url = running.url ?? '';
  const { origin, port } = new URL(url);
  const send = (request: RawRequest): Promise<RawAnswer> =>
    sendRaw(Number(port), rawRequest(Number(port), request));
  return {
    strom,
    running,
    port: Number(port),
    origin,
    url,
    logs,
    send,
    async checkAlive() {
      const answer = await send(modernCall('echo', { text: 'still here' }));
      if (answer.status !== 200 || !answer.body.includes('echo: still here')) {
        throw new Error(`a plain call was answered ${answer.status} ${answer.body}`);
      }
    },
    [Symbol.asyncDispose]: () => running.close(),
  };
}

const textInput = {
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
} as const;
