import { MemoryJournal } from '../../calls/memory-journal.ts';
import type { Store } from '../../server/store.ts';
import {
  type MemorySessionOptions,
  MemorySessionStore,
} from '../../session/memory-session-store.ts';
import { type MemoryTaskOptions, MemoryTaskStore } from '../../tasks/memory-task-store.ts';

export interface MemoryStoreOptions extends MemoryTaskOptions, MemorySessionOptions {}

/** A store in the memory of this process: nothing is written, and nothing outlives the process. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const journal = new MemoryJournal(options);
  const tasks = new MemoryTaskStore(options, journal);
  const sessions = new MemorySessionStore(options, journal);
  const close = async (): Promise<void> => journal.close();
  return {
    isShared: false,
    isDurable: false,
    create: (task, how) => tasks.create(task, how),
    get: (id) => tasks.get(id),
    append: (...[call, fence, events, change]) =>
      tasks.has(call)
        ? tasks.append(call, fence, events, change)
        : sessions.append(call, fence, events),
    claim: (how) => tasks.claim(how),
    heartbeat: (id, fence, durationMs) => tasks.heartbeat(id, fence, durationMs),
    release: (id, fence) => tasks.release(id, fence),
    finish: (...how) => tasks.finish(...how),
    cancel: (id, event) => tasks.cancel(id, event),
    answer: (id, answers) => tasks.answer(id, answers),
    onClaimable: (listener) => tasks.onClaimable(listener),
    counts: () => tasks.counts(),
    async purge(limit) {
      const count = await tasks.purge(limit);
      return count + (await sessions.purge(limit - count));
    },
    saveSession: (session) => sessions.saveSession(session),
    session: (id) => sessions.session(id),
    deleteSession: (id) => sessions.deleteSession(id),
    saveStream: (sessionId, stream) => sessions.saveStream(sessionId, stream),
    streams: (sessionId) => sessions.streams(sessionId),
    deleteStream: (sessionId, streamId) => sessions.deleteStream(sessionId, streamId),
    read: (call, after, limit) => journal.read(call, after, limit),
    tail: (call, after, signal) => journal.tail(call, after, signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}
