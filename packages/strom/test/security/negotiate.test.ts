import { describe, expect, it } from 'vitest';
import { negotiate } from '../../src/security/media-type.ts';

const OFFERED = ['text/event-stream', 'application/x-ndjson', 'text/plain'] as const;

describe('negotiate', () => {
  it('takes the first offer when the client does not care', () => {
    expect(negotiate(undefined, OFFERED)).toBe('text/event-stream');
    expect(negotiate('*/*', OFFERED)).toBe('text/event-stream');
  });

  it('takes what the client names first among equals', () => {
    expect(negotiate('application/x-ndjson, text/event-stream', OFFERED)).toBe(
      'application/x-ndjson',
    );
    expect(negotiate('text/plain, */*', OFFERED)).toBe('text/plain');
  });

  it('takes the higher quality whatever the order', () => {
    expect(negotiate('text/plain;q=0.5, text/event-stream;q=0.9', OFFERED)).toBe(
      'text/event-stream',
    );
  });

  it('lets the most specific range decide the quality of a type', () => {
    expect(negotiate('text/*;q=0.2, text/plain, */*;q=0.1', OFFERED)).toBe('text/plain');
    expect(negotiate('*/*, text/event-stream;q=0', OFFERED)).toBe('application/x-ndjson');
  });

  it('finds nothing acceptable when every offer is refused', () => {
    expect(negotiate('image/png', OFFERED)).toBeUndefined();
    expect(negotiate('*/*;q=0', OFFERED)).toBeUndefined();
  });

  it('reads no more than 32 ranges', () => {
    const many = `${'image/png, '.repeat(32)}text/plain`;
    expect(negotiate(many, OFFERED)).toBeUndefined();
  });
});
