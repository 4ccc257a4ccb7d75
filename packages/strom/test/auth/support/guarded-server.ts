import type { StromError } from '../../../src/base/strom-error.ts';
import type { Authenticator } from '../../../src/security/authenticator.ts';
import type { RunOptions } from '../../../src/serve/run-options.ts';
import { modernBody, modernHeaders } from '../../harness/mcp-request.ts';
import type { HttpDoor } from '../../harness/peers/http-peer.ts';
import type { RawAnswer } from '../../harness/raw-http.ts';
import { type Started, type StartOptions, startStrom } from '../../harness/start-strom.ts';

type HeaderLines = readonly (readonly [string, string])[];

export interface Guarded extends Started {
  /** Calls a tool, with these headers beside those of the protocol. */
  call(tool: string, headers?: HeaderLines): Promise<RawAnswer>;
  /** Calls a tool with a token. */
  callWith(token: string, tool?: string): Promise<RawAnswer>;
  /** Why the last `wait` was stopped. */
  stopped(): Promise<string>;
}

export interface GuardOptions extends Omit<StartOptions, 'run'> {
  readonly run?: Omit<RunOptions, 'auth'>;
}

export const bearer = (token: string): readonly [string, string] => [
  'Authorization',
  `Bearer ${token}`,
];

/** A server that lets in whom `auth` lets in, with tools that need scopes and tools that do not. */
export async function startGuarded(
  auth: readonly Authenticator[],
  options: GuardOptions = {},
): Promise<Guarded> {
  let tell = (_: string): void => undefined;
  const told = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const server = await startStrom(
    (strom) => {
      strom.tool('whoami', { description: 'Names the caller' }, (_, ctx) =>
        JSON.stringify({
          kind: ctx.principal.kind,
          name: ctx.principal.name,
          id: ctx.principal.id,
        }),
      );
      strom.tool('read', { description: 'Reads', scopes: ['files:read'] }, () => 'read');
      strom.tool(
        'write',
        { description: 'Writes', scopes: ['files:read', 'files:write'] },
        () => 'written',
      );
      strom.tool('wait', { description: 'Runs until it is stopped' }, async (_, ctx) => {
        await ctx.progress(1);
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
        tell((ctx.signal.reason as StromError).code);
        return 'too late';
      });
    },
    { ...options, run: { ...options.run, auth } },
  );
  const call = (tool: string, headers: HeaderLines = []): Promise<RawAnswer> =>
    server.send({
      headers: [...modernHeaders('tools/call', tool), ...headers],
      body: modernBody('tools/call', { name: tool, arguments: {} }),
    });
  return {
    ...server,
    call,
    callWith: (token, tool = 'whoami') => call(tool, [bearer(token)]),
    stopped: () => told,
  };
}

/** A way to a server on which every request carries these headers as they are then. */
export function doorWith(url: string, headers: () => Record<string, string>): HttpDoor {
  return {
    url,
    fetch: (target, init) => fetch(target, { ...init, headers: { ...init.headers, ...headers() } }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** What `whoami` said. */
export function callerIn(answer: RawAnswer): { kind: string; name: string; id: string } {
  const { result } = JSON.parse(answer.body) as { result: { content: [{ text: string }] } };
  return JSON.parse(result.content[0].text);
}

export const challengeOf = (answer: RawAnswer): string =>
  answer.headers.get('www-authenticate') ?? '';
