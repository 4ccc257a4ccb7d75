import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OUTBOX_LIMITS } from '../../src/calls/outbox.ts';
import { SERVER_DEFAULTS } from '../../src/server/server-options.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { startStrom } from '../harness/start-strom.ts';

const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
const source = (file: string): string =>
  readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');

/** The names of the members an interface declares itself. */
function membersOf(file: string, name: string): string[] {
  const declaration = source(file).split(new RegExp(`export interface ${name}\\s`))[1];
  const [, body = ''] = declaration?.split(/\{\n/) ?? [];
  const text = body.slice(0, body.indexOf('\n}'));
  return [...text.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, member = '']) => member);
}

describe('docs/operations.md', () => {
  it.each([
    ['transports/http/http-host.ts', 'HttpOptions'],
    ['security/check-host.ts', 'HostPolicy'],
    ['transports/http/session-table.ts', 'SessionLimits'],
    ['transports/http/open-outbox.ts', 'StreamLimits'],
    ['calls/outbox.ts', 'OutboxLimits'],
    ['calls/call-pace.ts', 'CallPace'],
    ['serve/run-options.ts', 'RunOptions'],
  ])('has a row for every option of %s %s', (file, name) => {
    const members = membersOf(file, name);
    expect(members.length).toBeGreaterThan(0);
    expect(members.filter((member) => !page.includes(`\`${member}\``))).toEqual([]);
  });

  it('tells the defaults as they are', () => {
    const { listCache: _, ...numbers } = { ...SERVER_DEFAULTS, ...DEFAULT_OUTBOX_LIMITS };
    for (const [name, value] of Object.entries(numbers)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``));
      expect(row?.replace(/(\d) (?=\d{3})/g, '$1')).toContain(`| ${value}`);
    }
  });

  it('names every metric and every field of the log, and no others', async () => {
    await using started = await startStrom(undefined, { run: { metrics: true } });
    await started.send(modernCall('echo', { text: 'x' }));
    const metrics = await (await fetch(`${started.origin}/metrics`)).text();
    const served = [...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    const told = [...page.matchAll(/^\| `((?:strom|mcp|nodejs|process)_\w+)`/gm)].map(
      ([, name]) => name,
    );
    expect(told.sort()).toEqual(served.sort());
    const line = started.logs.records.find(({ message }) => message === 'call');
    for (const field of Object.keys(line?.fields ?? {})) expect(page).toContain(`\`${field}\``);
  });
});
