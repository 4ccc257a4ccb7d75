import { describe, expect, it } from 'vitest';
import { publicError } from '../../src/base/strom-error.ts';
import { WireError } from '../../src/base/wire-error.ts';
import { encodeErrorResponse } from '../../src/protocol/encode-error.ts';
import { encodeOutcome, mcpEncoder } from '../../src/protocol/message-encoder.ts';
import { plainEncoder } from '../../src/protocol/plain-encoder.ts';
import { STATELESS_REVISION } from '../../src/protocol/revisions/catalog.ts';

const envelope = { operation: 'tools/call', idText: '7', progressTokenText: undefined } as const;
const encoder = mcpEncoder(STATELESS_REVISION, envelope, { name: 'srv', version: '1' });

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

describe('encodeOutcome', () => {
  it.each([
    ['nests 20 000 deep', nested(20_000)],
    ['contains itself', cyclic],
    ['holds a BigInt', 10n],
    ['throws when read', { toJSON: () => JSON.parse('{') }],
  ])('answers with an error when the result %s', (_, structuredContent) => {
    const result = { content: [], structuredContent };
    for (const each of [encoder, plainEncoder('application/x-ndjson')]) {
      const { text, outcome } = encodeOutcome(each, { kind: 'result', result });
      expect(outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_INTERNAL' } });
      expect(text).toContain('could not be completed');
    }
    expect(JSON.parse(encodeOutcome(encoder, { kind: 'result', result }).text)).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32603, message: 'The request could not be completed.' },
    });
  });

  it('answers with an error when the data of an error has no JSON form', () => {
    const error = new WireError(-1, 'odd', cyclic);
    expect(JSON.parse(encodeOutcome(encoder, { kind: 'error', error }).text)).toMatchObject({
      id: 7,
      error: { code: -32603 },
    });
  });

  it('answers with an error when the result exceeds 64 MiB', () => {
    const result = { content: [{ type: 'text', text: 'x'.repeat(64 * 1024 * 1024) }] };
    expect(JSON.parse(encodeOutcome(encoder, { kind: 'result', result }).text)).toMatchObject({
      error: { code: -32603, message: 'The result exceeds 64 MiB.' },
    });
  });
});

describe('encodeErrorResponse', () => {
  it('leaves the id out when it could not be read', () => {
    expect(encodeErrorResponse(undefined, publicError('ERR_PARSE', 'no JSON'))).toBe(
      '{"jsonrpc":"2.0","error":{"code":-32700,"message":"no JSON"}}',
    );
  });
});
