import { BarView } from './bar-view.ts';
import { JsonView } from './json-view.ts';
import { LineView } from './line-view.ts';
import type { LiveView, LiveViewOptions } from './live-view.ts';
import { createPalette } from './palette.ts';

/**
 * Opens a view. Call `done` when the work is over, however it ended.
 *
 * @example
 * const view = createLiveView({ stream: process.stderr, mode: 'bar', clock: SYSTEM_CLOCK });
 * view.begin('process_files');
 * view.progress({ progress: 3, total: 12, message: 'report.pdf' });
 * view.done();
 */
export function createLiveView(options: LiveViewOptions): LiveView {
  const { stream, clock, columns = () => undefined } = options;
  const palette = createPalette(options.color ?? false);
  switch (options.mode) {
    case 'bar':
      return new BarView({ stream, clock, palette, columns });
    case 'plain':
      return new LineView({ stream, clock, palette, showsProgress: true });
    case 'none':
      return new LineView({ stream, clock, palette, showsProgress: false });
    case 'json':
      return new JsonView(stream);
    case 'silent':
      return SILENT_VIEW;
  }
}

const nothing = (): void => undefined;

const SILENT_VIEW: LiveView = {
  begin: nothing,
  progress: nothing,
  log: nothing,
  note: nothing,
  suspend: () => nothing,
  done: nothing,
};
