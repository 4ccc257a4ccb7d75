import { readFileSync } from 'node:fs';
import { TestProcess } from './child-process.ts';
import { modernCall } from './mcp-request.ts';
import { type RawAnswer, type RawRequest, rawRequest, sendRaw } from './raw-http.ts';

const MB = 1024 * 1024;

/** A server in a process of its own, whose memory can be measured from outside. */
export class MeasuredServer implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #process: TestProcess;

  private constructor(process: TestProcess, url: string) {
    this.#process = process;
    this.url = url;
    this.port = Number(new URL(url).port);
  }

  /** @param maxHeapMb - the heap is collected before it outgrows this; beyond, the process dies */
  static async start(maxHeapMb?: number): Promise<MeasuredServer> {
    const env =
      maxHeapMb === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${maxHeapMb}` };
    const process = new TestProcess('./http-fixture.ts', [], { env });
    const url = await process.line();
    if (url === undefined) throw new Error(`no server: ${process.stderr}`);
    const server = new MeasuredServer(process, url);
    // What runs for the first time grows the heap once.
    for (let count = 0; count < 50; count += 1) await server.checkAlive();
    return server;
  }

  send(request: RawRequest): Promise<RawAnswer> {
    return sendRaw(this.port, rawRequest(this.port, request));
  }

  /** Calls a tool the plain way; throws unless it works. */
  async checkAlive(): Promise<void> {
    const answer = await this.send(modernCall('hello'));
    if (answer.status !== 200) throw new Error(`a plain call was answered ${answer.status}`);
  }

  /** Resident memory in MB: `VmRSS` now, `VmHWM` at its highest so far. */
  memoryMb(field: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.#process.child.pid}/status`, 'utf8');
    const kilobytes = new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1];
    return (Number(kilobytes) * 1024) / MB;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
