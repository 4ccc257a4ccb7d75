import { describe, expect, it } from 'vitest';
import { animateSvg } from '../demo/animate-svg.ts';
import { Terminal } from '../demo/terminal.ts';

const textOf = (terminal: Terminal): string[] =>
  terminal.rows().map((row) => row.map(({ text }) => text).join(''));

describe('Terminal', () => {
  it('overwrites a line after a carriage return, and erases its rest', () => {
    const terminal = new Terminal();
    terminal.write('one two\rten\u001b[K\nnext');
    expect(textOf(terminal)).toEqual(['ten', 'next']);
  });

  it('keeps the look of each run', () => {
    const terminal = new Terminal();
    terminal.write('\u001b[33mwarning\u001b[39m text');
    expect(terminal.rows()).toEqual([
      [
        { text: 'warning', look: 'yellow' },
        { text: ' text', look: '' },
      ],
    ]);
  });
});

describe('animateSvg', () => {
  it('shows the last frame where nothing moves, and escapes what it shows', () => {
    const row = (text: string) => [[{ text, look: '' }]];
    const frames = [
      { atMs: 0, rows: row('<first>') },
      { atMs: 100, rows: row('<last>') },
    ];
    const svg = animateSvg(frames, 80, 1);
    expect(svg).toMatch(/<g visibility="hidden"[^>]*><text[^>]*>&lt;first&gt;</);
    expect(svg).toMatch(/<g style[^>]*><text[^>]*>&lt;last&gt;</);
  });
});
