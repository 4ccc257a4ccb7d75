import { LineDecoder } from '../protocol/line-decode.ts';
import { LongTexts } from '../protocol/long-texts.ts';
import type { ChannelEvents } from './channel.ts';

/** Reads messages that come as lines, for a channel. */
export function messageLines(events: ChannelEvents, maxMessageChars: number): LineDecoder {
  return new LineDecoder({
    onLine: (line, longTexts) => {
      if (line.trim() !== '') events.onText(line, longTexts);
    },
    onOverlong: () => events.onOverlong(),
    maxLineChars: maxMessageChars,
    longTexts: () => new LongTexts(),
  });
}
