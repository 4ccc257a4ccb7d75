import { describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../../src/base/principal.ts';
import { ReplayBuffer, type ReplayBufferOptions } from '../../../src/session/replay-buffer.ts';
import type { HttpSession } from '../../../src/transports/http/http-session.ts';
import { SessionTable } from '../../../src/transports/http/session-table.ts';
import { TestClock } from '../../harness/test-clock.ts';

/** As much of a session as the table sees. */
class FakeSession {
  readonly id: string;
  readonly replay: ReplayBuffer;
  readonly principal = ANONYMOUS;
  isBusy = false;
  closedBy: string | undefined;
  #sequence = 0;

  constructor(id: string, replay: ReplayBufferOptions) {
    this.id = id;
    this.replay = new ReplayBuffer(replay);
  }

  isOwnedBy(): boolean {
    return true;
  }

  keep(chars: number): void {
    this.#sequence += 1;
    this.replay.append({
      streamId: 's',
      sequence: this.#sequence,
      frame: 'x'.repeat(chars),
    });
  }

  get keptFrames(): number {
    return this.replay.after('s', 0).length;
  }

  forgetReplay(): void {
    this.replay.clear();
  }

  close(reason: { code: string }): void {
    this.closedBy = reason.code;
    this.replay.clear();
  }
}

function setUp() {
  const clock = new TestClock();
  const limits = {
    maxSessions: 10,
    maxSessionsPerCaller: 10,
    sessionIdleMs: 1000,
    replayBytesPerSession: 100,
    replayBytesTotal: 250,
  };
  const table = new SessionTable(clock, limits, '');
  const add = (): FakeSession => {
    let made: FakeSession | undefined;
    table.add(ANONYMOUS, (id, replay) => {
      made = new FakeSession(id, replay);
      return made as unknown as HttpSession;
    });
    if (made === undefined) throw new Error('no session was made');
    return made;
  };
  return { clock, table, add };
}

describe('SessionTable', () => {
  it('closes a session when it was idle for long enough after its last stream', () => {
    const { clock, table, add } = setUp();
    const session = add();
    session.isBusy = true;
    clock.advance(5000);
    session.isBusy = false;
    clock.advance(750);
    expect(session.closedBy).toBeUndefined();
    clock.advance(500);
    expect(session.closedBy).toBe('ERR_CANCELLED');
    expect([table.size, clock.pending]).toEqual([0, 0]);
  });

  it.each([3_600_000, -3_600_000])('takes no notice of a clock that is set by %i ms', (ms) => {
    const { clock, add } = setUp();
    const session = add();
    clock.step(ms);
    clock.advance(750);
    expect(session.closedBy).toBeUndefined();
    clock.advance(500);
    expect(session.closedBy).toBe('ERR_CANCELLED');
  });

  it('counts a request of the session as life', () => {
    const { clock, table, add } = setUp();
    const session = add();
    for (let count = 0; count < 5; count += 1) {
      clock.advance(900);
      table.get(session.id, ANONYMOUS);
    }
    expect(session.closedBy).toBeUndefined();
  });

  it('makes the oldest sessions give up what they keep, and no more of them than it must', () => {
    const { add } = setUp();
    const sessions = [add(), add(), add(), add()] as const;
    for (const session of sessions) session.keep(80);
    expect(sessions.map(({ keptFrames }) => keptFrames)).toEqual([0, 1, 1, 1]);
    sessions[3].keep(10);
    expect(sessions.map(({ keptFrames }) => keptFrames)).toEqual([0, 1, 1, 2]);
    sessions[0].keep(60);
    expect(sessions.map(({ keptFrames }) => keptFrames)).toEqual([1, 0, 1, 2]);
  });

  it('stays within the total when many sessions keep much, one after the other and back', () => {
    const { add } = setUp();
    const sessions = Array.from({ length: 10 }, add);
    for (let round = 0; round < 50; round += 1) {
      for (const session of [...sessions, ...[...sessions].reverse()]) session.keep(37);
      const kept = sessions.reduce((sum, session) => sum + session.keptFrames * 37, 0);
      expect(kept).toBeLessThanOrEqual(250);
      expect(kept).toBeGreaterThan(0);
    }
  });
});
