import { describe, expect, it } from 'vitest';
import { CallerQuota } from '../../src/base/caller-quota.ts';
import { Call } from '../../src/calls/call.ts';
import type { ChangeFilter } from '../../src/protocol/call-event.ts';
import { ChangeHub } from '../../src/server/change-hub.ts';
import { FakeView, requestFor } from '../harness/fake-view.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { TestClock } from '../harness/test-clock.ts';

const EVERYTHING: ChangeFilter = {
  toolsListChanged: true,
  promptsListChanged: true,
  resourcesListChanged: true,
  resourceSubscriptions: ['test://a', 'test://b'],
};

function quotaOf(total: number): CallerQuota {
  const totalCode = 'ERR_STREAM_LIMIT';
  return new CallerQuota({ what: 'subscriptions', total, totalCode, perCaller: undefined });
}

function listen(hub: ChangeHub, filter: ChangeFilter) {
  const view = new FakeView();
  const host = { clock: new TestClock(), logger: new LogRecorder(), onEnd: () => undefined };
  const call = new Call(requestFor({ operation: 'subscriptions/listen' }), view, host);
  hub.listen(call, filter);
  const told = (): unknown[] =>
    view.events.flatMap((event) => (event.kind === 'change' ? [event.change] : []));
  return { call, view, told };
}

describe('ChangeHub', () => {
  it('acknowledges first, then tells what was asked for and nothing else', () => {
    const hub = new ChangeHub(quotaOf(10));
    const tools = listen(hub, { toolsListChanged: true });
    const resource = listen(hub, { resourceSubscriptions: ['test://a'] });
    hub.publish({ topic: 'tools' });
    hub.publish({ topic: 'prompts' });
    hub.publish({ topic: 'resource', uri: 'test://a' });
    hub.publish({ topic: 'resource', uri: 'test://b' });
    expect(tools.view.events[0]).toMatchObject({ kind: 'acknowledged' });
    expect(tools.told()).toEqual([{ topic: 'tools' }]);
    expect(resource.told()).toEqual([{ topic: 'resource', uri: 'test://a' }]);
  });

  it('tells a reader that fell behind of each thing once, when it is back', async () => {
    const hub = new ChangeHub(quotaOf(10));
    const slow = listen(hub, EVERYTHING);
    const quick = listen(hub, { toolsListChanged: true });
    let catchUp = (): void => undefined;
    slow.view.busy = new Promise((resolve) => {
      catchUp = resolve;
    });
    for (let count = 0; count < 1000; count += 1) {
      hub.publish({ topic: 'tools' });
      hub.publish({ topic: 'resource', uri: 'test://a' });
      hub.publish({ topic: 'resource', uri: 'test://b' });
      hub.publish({ topic: 'resources' });
    }
    expect(slow.told()).toEqual([{ topic: 'tools' }]);
    expect(quick.told()).toHaveLength(1000);
    slow.view.busy = undefined;
    catchUp();
    await Promise.resolve();
    expect(slow.told().slice(1)).toEqual([
      { topic: 'resource', uri: 'test://a' },
      { topic: 'resource', uri: 'test://b' },
      { topic: 'resources' },
      { topic: 'tools' },
    ]);
    hub.publish({ topic: 'prompts' });
    expect(slow.told().at(-1)).toEqual({ topic: 'prompts' });
  });

  it('ends every listener with a result, and refuses those over the quota', () => {
    const hub = new ChangeHub(quotaOf(1));
    const { call, view } = listen(hub, EVERYTHING);
    expect(() => listen(hub, EVERYTHING)).toThrow(
      expect.objectContaining({ code: 'ERR_STREAM_LIMIT' }),
    );
    hub.endAll();
    expect(view.outcome).toEqual({ kind: 'result', result: {} });
    expect(call.ended).toBe(true);
    listen(hub, EVERYTHING);
  });
});
