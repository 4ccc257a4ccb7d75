import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { utf8Length } from '../../base/utf8-length.ts';
import type { NodeAnswer } from './node-answer.ts';

/**
 * Writes a piece of a body whose head has left, as one text where that is possible: of a chunk Node makes
 * four, which is a fifth of what a notification costs that leaves by itself.
 *
 * @returns who tells with `drain` that the reader has caught up; nothing while it keeps up
 */
export function writeChunk(answer: NodeAnswer, text: string): Writable | undefined {
  // An empty chunk would end the body.
  const socket = text === '' ? undefined : takesWholeChunks(answer);
  if (socket === undefined) return answer.write(text) ? undefined : answer;
  // Without these two it would say that the reader keeps up until the buffers of the kernel are full.
  socket.cork();
  const keepsUp = socket.write(chunkOf(text));
  socket.uncork();
  return keepsUp ? undefined : socket;
}

/** One chunk of HTTP/1.1 (RFC 9112, 7.1). */
function chunkOf(text: string): string {
  return `${utf8Length(text).toString(16)}\r\n${text}\r\n`;
}

/**
 * The connection itself, where it carries this answer now and in chunks, is open to both sides, and nobody
 * else, who compresses perhaps, has taken over `write` of the answer.
 */
function takesWholeChunks(answer: NodeAnswer): Socket | undefined {
  if (!('chunkedEncoding' in answer) || !answer.chunkedEncoding) return undefined;
  if (Object.hasOwn(answer, 'write')) return undefined;
  const { socket } = answer;
  return socket?.readyState === 'open' ? socket : undefined;
}
