/** What every client should be able to do with every server, each as one function that throws. */
import assert from 'node:assert/strict';
import type { Driver, Listeners, LogLine, Progress } from './drivers/driver.ts';
import type { ServerPlan } from './servers/server.ts';

/** One client connected to one server over one transport. */
export interface Meeting extends AsyncDisposable {
  readonly plan: ServerPlan;
  readonly client: Driver;
  /** Who listens to the client at this moment. */
  readonly ears: Ears;
}

export interface Ears {
  onLog?: (line: LogLine) => void;
  onChange?: (method: string) => void;
  onQuestion?: (message: string) => void;
}

/** Connects a client that can answer questions. */
export async function meet(
  connect: (listeners: Listeners) => Promise<Driver>,
  plan: ServerPlan,
): Promise<Meeting> {
  const ears: Ears = {};
  const client = await connect({
    onLog: (line) => ears.onLog?.(line),
    onChange: (method) => ears.onChange?.(method),
    answer(message) {
      ears.onQuestion?.(message);
      return { name: 'Ada' };
    },
  });
  return { plan, client, ears, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

let runs = 0;

function newRun(): string {
  runs += 1;
  return `run-${runs}`;
}

async function list({ client, plan }: Meeting): Promise<void> {
  assert.ok((await client.listTools()).includes(plan.listed));
}

/** Where the server waits for acknowledgements, a report that is held back would never end this. */
async function progress({ client, plan }: Meeting): Promise<void> {
  const run = newRun();
  const { tool, total, acknowledge, arguments: argumentsOf } = plan.progress;
  const seen: Progress[] = [];
  const acknowledged: Promise<unknown>[] = [];
  await client.call(tool, argumentsOf(run), {
    onProgress(report) {
      seen.push(report);
      if (acknowledge === undefined) return;
      acknowledged.push(client.call(acknowledge, { run, document: report.progress }));
    },
  });
  await Promise.all(acknowledged);
  assert.deepEqual(
    seen.slice(0, 3).map(({ progress: done }) => done),
    [1, 2, 3],
  );
  assert.ok(seen.every((report) => report.total === total));
}

async function log({ client, plan, ears }: Meeting): Promise<void> {
  const { tool, isToggle } = plan.log;
  // Lines that belong to no call travel on the session's own stream.
  if (isToggle) await client.watch({});
  const line = new Promise<LogLine>((resolve) => {
    ears.onLog = resolve;
  });
  await client.call(tool, {}, { logLevel: 'debug' });
  assert.equal(typeof (await line).level, 'string');
  if (isToggle) await client.call(tool, {});
}

async function ask({ client, plan, ears }: Meeting): Promise<void> {
  const questions: string[] = [];
  ears.onQuestion = (message) => questions.push(message);
  const { text } = await client.call(plan.ask.tool, {});
  assert.match(text, plan.ask.says);
  assert.equal(questions.length, 1);
}

async function cancel({ client, plan }: Meeting): Promise<void> {
  const run = newRun();
  const { tool, confirm, arguments: argumentsOf } = plan.cancel;
  const controller = new AbortController();
  const call = client.call(tool, argumentsOf(run), {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await assert.rejects(call);
  if (confirm !== undefined) assert.notEqual((await client.call(confirm, { run })).text, '');
  assert.ok((await client.listTools()).includes(plan.listed));
}

async function subscribe({ client, plan, ears }: Meeting): Promise<void> {
  const { uri, tool, isToggle } = plan.subscribe;
  const updated = new Promise<void>((resolve) => {
    ears.onChange = (method) => {
      if (method === 'notifications/resources/updated') resolve();
    };
  });
  await client.watch({ resource: uri });
  await client.call(tool, {});
  await updated;
  if (isToggle) await client.call(tool, {});
}

export const OPERATIONS = {
  list,
  'call + progress': progress,
  log,
  ask,
  cancel,
  subscribe,
} as const satisfies Readonly<Record<string, (meeting: Meeting) => Promise<void>>>;

export type OperationName = keyof typeof OPERATIONS;
