import { Strom } from '../../src/serve/strom.ts';

/**
 * A process that serves a tool that ends when told, one that never does, and one that does not even
 * heed its signal. Its arguments are the drain timeout in milliseconds, and the number of workers.
 */
const [drainTimeoutMs = '10000', workers = '0'] = process.argv.slice(2);
const strom = new Strom({ name: 'leaving', version: '1.0.0' });
let open = (): void => undefined;
const opened = new Promise<void>((resolve) => {
  open = resolve;
});
strom.tool('finish', { description: 'Ends once `open` is called' }, async (_, ctx) => {
  await ctx.progress(1, 2, 'begun');
  await opened;
  return 'finished in peace';
});
strom.tool('wait', { description: 'Runs until it is stopped' }, async (_, ctx) => {
  await ctx.progress(1, 2, 'begun');
  const code = await new Promise<string>((resolve) => {
    ctx.signal.addEventListener('abort', () => resolve(ctx.signal.reason.code));
  });
  process.stderr.write(`stopped with ${code}\n`);
  return code;
});
strom.tool('cling', { description: 'Heeds no signal' }, async (_, ctx) => {
  await ctx.progress(1, 2, 'begun');
  await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  return 'never';
});
process.stdin.once('data', () => {
  process.stdin.destroy();
  open();
});
process.stdin.unref?.();
const running = await strom.run({
  port: 0,
  drainTimeoutMs: Number(drainTimeoutMs),
  ...(Number(workers) > 0 && { workers: Number(workers) }),
});
if (process.env['STROM_WORKER'] === undefined) process.stdout.write(`${running.url}\n`);
