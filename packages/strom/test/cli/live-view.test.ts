import { describe, expect, it } from 'vitest';
import { createLiveView } from '../../src/cli/live/create-live-view.ts';
import type { LiveMode, LiveView } from '../../src/cli/live/live-view.ts';
import { TestClock } from '../harness/test-clock.ts';
import '../faults/support/base-line.ts';

interface Screen {
  readonly view: LiveView;
  readonly clock: TestClock;
  /** What was written since the last look. */
  look(): string;
}

const START_MS = Date.UTC(2030, 0, 1);

function open(mode: LiveMode, options: { columns?: number; color?: boolean } = {}): Screen {
  const clock = new TestClock(START_MS);
  let written = '';
  const stream = {
    write(text: string) {
      written += text;
    },
  };
  const view = createLiveView({
    ...{ stream, mode, clock },
    columns: () => options.columns ?? 80,
    color: options.color ?? false,
  });
  return {
    view,
    clock,
    look() {
      const seen = written;
      written = '';
      return seen;
    },
  };
}

const END = '\u001b[K';
const CLEAR = `\r${END}`;

describe('the bar view', () => {
  it('redraws one line in place', () => {
    const { view, clock, look } = open('bar');
    view.begin('convert');
    expect(look()).toBe(`\r⠋ convert  0:00${END}`);
    clock.advance(100);
    expect(look()).toBe(`\r⠙ convert  0:00${END}`);
    clock.advance(50);
    view.progress({ progress: 3, total: 12, message: 'report.pdf' });
    expect(look()).toBe('');
    clock.advance(50);
    expect(look()).toBe(`\r⠹ convert  ━━━━━━──────────────────  3/12  25%  0:00  report.pdf${END}`);
    view.done();
  });

  it('draws progress at once when the last drawing is old, and at most every 100 ms', () => {
    const { view, look } = open('bar');
    view.progress({ progress: 1 });
    view.begin('convert');
    look();
    for (let step = 1; step <= 1000; step += 1) view.progress({ progress: step });
    expect(look()).toBe('');
    view.done();
  });

  it('puts logs and notes above the line, in one write each', () => {
    const { view, look } = open('bar');
    view.begin('convert');
    look();
    view.log({ level: 'warning', data: 'locked.pdf\nneeds a password', logger: 'pdf' });
    expect(look()).toBe(
      `${CLEAR}warning  pdf: locked.pdf\n         needs a password\n⠋ convert  0:00`,
    );
    view.note('a note');
    expect(look()).toBe(`${CLEAR}a note\n⠋ convert  0:00`);
    view.done();
  });

  it('keeps its last line when it showed progress, and removes it when it only span', () => {
    const first = open('bar');
    first.view.begin('convert');
    first.view.progress({ progress: 2, total: 2 });
    first.clock.advance(65_000);
    first.look();
    first.view.done();
    const line = '• convert  ━━━━━━━━━━━━━━━━━━━━━━━━  2/2  100%  1:05';
    expect(first.look()).toBe(`${CLEAR}${line}\n`);
    const second = open('bar');
    second.view.begin('convert');
    second.look();
    second.view.done();
    expect(second.look()).toBe(CLEAR);
  });

  it('leaves the terminal alone while a question is asked', () => {
    const { view, clock, look } = open('bar');
    view.begin('convert');
    look();
    const resume = view.suspend();
    expect(look()).toBe(CLEAR);
    clock.advance(1_000);
    view.progress({ progress: 1 });
    expect(look()).toBe('');
    resume();
    expect(look()).toContain('convert  1  0:01');
    view.done();
  });

  it('stops its timer and says nothing more when it is done', () => {
    const { view, clock, look } = open('bar');
    view.begin('convert');
    view.done();
    look();
    expect(clock.pending).toBe(0);
    view.done();
    expect(look()).toBe('');
  });

  it.each([20, 40, 59, 60, 80, 200])('never fills %i columns to the last', (columns) => {
    const { view, look } = open('bar', { columns });
    view.begin('文書を変換する');
    view.progress({ progress: 1, total: 3, message: 'ファイル.pdf '.repeat(20) });
    view.note('x');
    const line = look().split('\n').at(-1) ?? '';
    const width = [...line].reduce((sum, char) => sum + (char > '\u2fff' ? 2 : 1), 0);
    expect(width).toBeLessThan(columns);
    view.done();
  });

  it('colours only where it may', () => {
    const { view, look } = open('bar', { color: true });
    view.log({ level: 'error', data: 'no' });
    expect(look()).toBe('\u001b[31merror  \u001b[39m  no\n');
  });
});

describe('the line view', () => {
  const at = (ms: number): string => new Date(START_MS + ms).toISOString();

  it('puts the time before each line and shows progress at most once a second', () => {
    const { view, clock, look } = open('plain');
    view.begin('convert');
    for (let step = 1; step <= 500; step += 1) {
      view.progress({ progress: step, total: 500, message: `page ${step}` });
      clock.advance(10);
    }
    expect(look().trimEnd().split('\n')).toEqual([
      `${at(0)}  convert  1/500  0%  page 1`,
      `${at(1_000)}  convert  100/500  20%  page 100`,
      `${at(2_000)}  convert  200/500  40%  page 200`,
      `${at(3_000)}  convert  300/500  60%  page 300`,
      `${at(4_000)}  convert  400/500  80%  page 400`,
      `${at(5_000)}  convert  500/500  100%  page 500`,
    ]);
    view.done();
    expect(look()).toBe(`${at(5_000)}  convert  500/500  100%  after 5.0 s\n`);
    expect(clock.pending).toBe(0);
  });

  it('shows no figure for work that only talks', () => {
    const { view, look } = open('plain');
    view.begin('convert');
    view.progress({ progress: 0, message: 'page 1' });
    expect(look()).toBe(`${at(0)}  convert  page 1\n`);
    view.done();
  });

  it('shows every log at once', () => {
    const { view, look } = open('plain');
    view.log({ level: 'info', data: { file: 'a.pdf', pages: 3 } });
    view.log({ level: 'emergency', data: null });
    expect(look()).toBe(
      `${at(0)}  info     {"file":"a.pdf","pages":3}\n${at(0)}  emergency  null\n`,
    );
  });

  it('shows no progress when told so', () => {
    const { view, look } = open('none');
    view.begin('convert');
    view.progress({ progress: 1 });
    view.done();
    expect(look()).toBe('');
  });
});

describe('the JSON view', () => {
  it('writes every event as a line, whatever its text holds', () => {
    const { view, look } = open('json');
    view.begin('convert');
    view.progress({ progress: 1, total: 2, message: 'a\nb' });
    view.log({ level: 'info', data: '\u001b[31m' });
    view.done();
    expect(look()).toBe(
      '{"type":"progress","progress":1,"total":2,"message":"a\\nb"}\n' +
        '{"type":"log","level":"info","data":"\\u001b[31m"}\n',
    );
  });
});

describe('O08: the JSON view', () => {
  it('says nothing that a terminal acts on, and leaves nothing out', () => {
    const { view, look } = open('json');
    const message = '\u001b[2J\u009b31m\u202eevil\u2066\u2028\u0007';
    view.progress({ progress: 1, message });
    const line = look();
    expect(line).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(line)).toEqual({ type: 'progress', progress: 1, message });
  });
});

describe('the silent view', () => {
  it('writes nothing', () => {
    const { view, look } = open('silent');
    view.begin('convert');
    view.progress({ progress: 1 });
    view.log({ level: 'emergency', data: 'fire' });
    view.note('note');
    view.suspend()();
    view.done();
    expect(look()).toBe('');
  });
});
