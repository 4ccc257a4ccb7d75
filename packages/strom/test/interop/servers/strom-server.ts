import { Strom } from '../../../src/entry/index.ts';
import { FIXTURE_PLAN } from './fixture-plan.ts';
import { program, type RunningServer } from './server.ts';
import { fillStrom } from './strom-fixture.ts';

/** Our server on every transport. */
export async function startStrom(): Promise<RunningServer> {
  const strom = new Strom({ name: 'strom', version: '1.0.0' });
  fillStrom(strom);
  const running = await strom.run({ transport: 'sse', port: 0, handleSignals: false });
  const stdio = await program('strom-stdio.mjs');
  const url = String(running.url);
  return {
    plan: FIXTURE_PLAN,
    target(transport) {
      if (transport === 'stdio') return stdio;
      return { transport, url: transport === 'http+sse' ? new URL('/sse', url).href : url };
    },
    [Symbol.asyncDispose]: () => running.close(),
  };
}
