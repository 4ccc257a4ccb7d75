/**
 * What every store must keep to, as cases any test runner can run:
 *
 * ```ts
 * import { test } from 'node:test';
 * import { sqliteStore } from 'strom/sqlite';
 * import { storeContract } from 'strom/testing';
 *
 * const cases = storeContract(async (setting) => ({
 *   store: await sqliteStore({ ...setting, file: `${crypto.randomUUID()}.db` }),
 * }));
 * for (const { name, run } of cases) test(name, run);
 * ```
 *
 * @module
 */
import { ANSWERING } from './store/answering.ts';
import { CLAIMING } from './store/claiming.ts';
import { CLOSING } from './store/closing.ts';
import { CREATING } from './store/creating.ts';
import { FENCING } from './store/fencing.ts';
import { FINISHING } from './store/finishing.ts';
import { PURGING } from './store/purging.ts';
import { SESSIONS } from './store/sessions.ts';
import { SHARING } from './store/sharing.ts';
import { Stage, type StageCases, type StoreMaker } from './store/stage.ts';
import { TAILING } from './store/tailing.ts';
import { WRITING } from './store/writing.ts';

/** One promise of the contract. */
export interface StoreCase {
  /** A sentence that names what is promised. */
  readonly name: string;
  /** Rejects with an `AssertionError` of `node:assert` when the promise is not kept. */
  readonly run: () => Promise<void>;
}

const PROMISES: Readonly<Record<string, StageCases>> = {
  creating: CREATING,
  writing: WRITING,
  fencing: FENCING,
  claiming: CLAIMING,
  answering: ANSWERING,
  finishing: FINISHING,
  tailing: TAILING,
  purging: PURGING,
  sessions: SESSIONS,
  closing: CLOSING,
  sharing: SHARING,
};

/**
 * The cases a store has to pass. Each makes a store of its own and closes it.
 *
 * @param make - makes an empty store that goes by the clock and the bounds it is given
 */
export function storeContract(make: StoreMaker): readonly StoreCase[] {
  return Object.entries(PROMISES).flatMap(([subject, cases]) =>
    Object.entries(cases).map(([sentence, body]) => ({
      name: `${subject}: ${sentence}`,
      async run() {
        const stage = await Stage.open(make);
        try {
          await body(stage);
        } finally {
          await stage.close();
        }
      },
    })),
  );
}
