import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { PageProgram } from './page-program.ts';

const EXECUTABLE = '/usr/bin/chromium';

/** Tests that need a real browser are skipped where there is none. */
export const hasChromium = existsSync(EXECUTABLE);

const QUIET = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser with a profile of its own, which goes when the browser does. */
export async function openChromium(switches: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: [...QUIET, ...switches] });
}

/** Opens an address in a window without history and waits until its program can be used. */
export async function openPage(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => 'program' in globalThis);
  return page;
}

/** Runs a function of the program in a page. */
export function inPage<Name extends keyof PageProgram>(
  page: Page,
  name: Name,
  ...args: Parameters<PageProgram[Name]>
): Promise<Awaited<ReturnType<PageProgram[Name]>>> {
  const request = { name, args: args as unknown[] };
  return page.evaluate(callProgram, request) as Promise<Awaited<ReturnType<PageProgram[Name]>>>;
}

/** Runs in the page. */
function callProgram({ name, args }: { name: string; args: unknown[] }): unknown {
  const { program } = globalThis as unknown as {
    program: Record<string, (...all: unknown[]) => unknown>;
  };
  return program[name]?.(...args);
}
