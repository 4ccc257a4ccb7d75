import { describe, expect, it } from 'vitest';
import { LineSink } from '../../src/observe/line-sink.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { TestClock } from '../harness/test-clock.ts';

describe('LineSink', () => {
  it('leaves a logger alone that blocks, and tells how many lines were left out', () => {
    const clock = new TestClock();
    const logs = new LogRecorder();
    let blocksForMs = 0;
    const logger = {
      debug: () => undefined,
      warn: logs.warn.bind(logs),
      error: () => undefined,
      info(fields: object, message: string) {
        clock.advance(blocksForMs);
        logs.info({ ...fields }, message);
      },
    };
    const sink = new LineSink(logger, clock);
    sink.write({}, 'quick');
    blocksForMs = 100;
    sink.write({}, 'slow');
    for (let line = 0; line < 1000; line += 1) sink.write({}, 'left out');
    expect(logs.records.map(({ message }) => message)).toEqual(['quick', 'slow']);
    blocksForMs = 0;
    clock.advance(10_000);
    sink.write({}, 'again');
    expect(logs.at('warn')).toMatchObject([{ fields: { lines: 1000 } }]);
    expect(logs.at('info').at(-1)?.message).toBe('again');
  });
});
