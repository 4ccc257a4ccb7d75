import { type Line, openLine } from './line.ts';
import { type Address, callRequest, listenRequest } from './requests.ts';

/** Streams opened at a time; more would overflow the listen backlog of the server. */
const OPENED_AT_ONCE = 64;

/** Opens streams on which nothing happens, each on its own line. */
export async function openStreams(address: Address, count: number): Promise<Line[]> {
  const streams: Line[] = [];
  while (streams.length < count) {
    const opening = Math.min(OPENED_AT_ONCE, count - streams.length);
    streams.push(...(await Promise.all(Array.from({ length: opening }, () => openOne(address)))));
  }
  return streams;
}

async function openOne(address: Address): Promise<Line> {
  const { line, address: inSession } = await openLine(address);
  await new Promise<void>((resolve, reject) => {
    line.sink = {
      head: (status, head) => (status === 200 ? resolve() : reject(new Error(head))),
      body() {},
      complete: () => reject(new Error('a stream ended at once')),
    };
    line.send(listenRequest(inSession));
  });
  return line;
}

/** Asks for a flood of notifications and reads none of them. */
export async function openUnreadFlood(address: Address, total: number): Promise<Line> {
  const { line, address: inSession } = await openLine(address);
  line.stopReading();
  const request = { tool: 'flood', args: { total }, wantsProgress: true };
  line.send(callRequest(inSession, 1, request));
  return line;
}

/** Asks for a flood of notifications, each awaited by the tool, and reads all of them. */
export async function openReadFlood(address: Address, total: number): Promise<Line> {
  const { line, address: inSession } = await openLine(address);
  await new Promise<void>((resolve) => {
    line.sink = { head() {}, body: () => resolve(), complete() {} };
    const request = { tool: 'notify', args: { total, pace: 'awaited' }, wantsProgress: true };
    line.send(callRequest(inSession, 1, request));
  });
  return line;
}
