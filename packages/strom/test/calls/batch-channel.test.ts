import { expect, it } from 'vitest';
import { afterMicrotasks } from '../../src/base/after-microtasks.ts';
import { splitBatch } from '../../src/calls/batch-channel.ts';
import { Outbox } from '../../src/calls/outbox.ts';

const turn = (): Promise<void> => new Promise((resolve) => afterMicrotasks(resolve));

it('splitBatch keeps the newest progress of every call while the reader is behind', async () => {
  let isReading = false;
  let text = '';
  const write = (more: string): boolean => {
    text += more;
    return isReading;
  };
  const limits = { maxQueuedBytes: 1, maxQueuedLogBytes: 1 };
  const outbox = new Outbox({ write, end: write }, { limits });
  const shared = {};
  const openChannel = splitBatch(
    {
      push: (message, policy, owner = shared) => outbox.push(message, policy, owner),
      flush: () => outbox.flush(),
      end: (message) => outbox.end(message ?? ''),
    },
    2,
  );
  const [first, second] = [openChannel(), openChannel()];
  void first.push('opening;', 'keep');
  await turn();
  for (const step of [1, 2, 3]) {
    void first.push(`a${step};`, 'newest');
    void second.push(`b${step};`, 'newest');
  }
  isReading = true;
  outbox.drained();
  expect(text).toBe('opening;a3;b3;');
});
