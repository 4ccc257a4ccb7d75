/**
 * Plain HTTP streaming with curl: no MCP, one line a chunk, each as it is ready. The stream has no
 * end, so lines that arrive prove that nothing waits for one; after curl has left, the tool stops.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What the runner takes for "cannot run here". */
const SKIPPED = 77;

const url = process.argv[2] ?? 'http://127.0.0.1:3000/mcp';
const streamOf = (tool: string): URL => new URL(`/stream/${tool}`, url);

async function readThreeLines(): Promise<readonly string[]> {
  const curl = spawn('curl', ['-sN', '-H', 'Accept: text/plain', streamOf('tick').href], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(curl, 'exit').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') process.exit(SKIPPED);
    throw error;
  });
  const lines: string[] = [];
  for await (const line of createInterface(curl.stdout)) {
    console.log(line);
    if (lines.push(line) === 3) break;
  }
  curl.kill();
  await exited;
  return lines;
}

async function clocksRunning(): Promise<number> {
  const response = await fetch(streamOf('running'), {
    headers: { Accept: 'application/x-ndjson' },
  });
  const { structuredContent } = JSON.parse(await response.text()) as {
    structuredContent: { running: number };
  };
  return structuredContent.running;
}

assert.deepEqual(await readThreeLines(), ['tick 1', 'tick 2', 'tick 3']);
// The server sees the closed connection a moment after curl has gone.
while ((await clocksRunning()) > 0);
