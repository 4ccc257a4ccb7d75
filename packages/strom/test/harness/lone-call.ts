/**
 * Calls over connections of their own: several workers take connections in turn, and so share such calls.
 *
 * @module
 */
import { modernBody, modernHeaders } from './mcp-request.ts';

interface Result {
  readonly content: readonly { readonly text: string }[];
  readonly requestState?: string;
}

/** Calls a tool and gives its result. */
export async function callAlone(
  url: string,
  name: string,
  params: Record<string, unknown> = {},
): Promise<Result> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: [...modernHeaders('tools/call', name), ['connection', 'close']],
    body: modernBody('tools/call', { arguments: {}, ...params, name }),
  });
  return ((await answer.json()) as { result: Result }).result;
}

/** The process that answers such a call; its server has a tool that tells. */
export async function pidOfAny(url: string): Promise<number> {
  const { content } = await callAlone(url, 'pid');
  return Number(content[0]?.text);
}
