/**
 * Which process holds a session, agreed upon over a journal.
 *
 * Each session has a journal of claims. A claim names the last claim its maker had seen, and counts
 * only if it directly follows that one: of two made at once, the store's numbering lets one win. The
 * number of the claim is the *generation* of the session, which no two claims share, and names all
 * that the process then writes.
 *
 * A holder that was thought gone may be back. It first says that it lives and then looks at the
 * claims; a claimer first claims and then looks whether the holder lives. So at least one of the two
 * sees the other and yields: the claimer gives the session back to the generation it was in.
 *
 * @module
 */
import { type SessionStore, STREAM_FENCE, streamJournal } from './session-store.ts';

/** The stream of a session that holds its claims. */
export const CLAIMS = 'claims';

const MAX_ATTEMPTS = 5;

export type Claimed =
  | { readonly isMine: true; readonly generation: number }
  | { readonly isMine: false; readonly holder: string };

interface Claim {
  readonly by: string;
  /** The number of the last claim that was there. */
  readonly after: number;
  /** Given where a session goes back to the generation it was in. */
  readonly generation?: number;
}

interface Standing {
  readonly holder: string;
  readonly generation: number;
  /** The number of the last claim, whether it counts or not. */
  readonly last: number;
}

export class SessionClaims {
  readonly #store: SessionStore;
  readonly #self: string;

  /** @param self - names this process */
  constructor(store: SessionStore, self: string) {
    this.#store = store;
    this.#self = self;
  }

  /**
   * Takes a session nobody holds any more, in a generation of its own.
   *
   * @param opener - who has opened the session, and holds it without a claim
   * @param isGone - whether another process cannot hold anything any more
   * @throws {StromError} `ERR_TASK_FENCED` when the session was deleted meanwhile; `ERR_STORE`
   */
  async claim(
    sessionId: string,
    opener: string,
    isGone: (holder: string) => Promise<boolean>,
  ): Promise<Claimed> {
    await this.#store.saveStream(sessionId, { id: CLAIMS, facts: '{}' });
    let standing = await this.#standing(sessionId, opener);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const { holder, generation, last } = standing;
      const isFree = async () => holder === this.#self || (await isGone(holder));
      if (!(await isFree())) return { isMine: false, holder };
      const seq = await this.#append(sessionId, { by: this.#self, after: last });
      if (seq === last + 1) {
        if (await isFree()) return { isMine: true, generation: seq };
        await this.#append(sessionId, { by: holder, after: seq, generation });
        return { isMine: false, holder };
      }
      standing = await this.#standing(sessionId, opener);
    }
    return { isMine: false, holder: standing.holder };
  }

  /** Whether nobody has claimed a session after this generation of it. */
  async isCurrent(sessionId: string, generation: number): Promise<boolean> {
    const later = await this.#store.read(streamJournal(sessionId, CLAIMS), generation);
    return standingAfter(later, { holder: this.#self, generation }).generation === generation;
  }

  #append(sessionId: string, claim: Claim): Promise<number> {
    const name = streamJournal(sessionId, CLAIMS);
    return this.#store.append(name, STREAM_FENCE, [JSON.stringify(claim)]);
  }

  async #standing(sessionId: string, opener: string): Promise<Standing> {
    const name = streamJournal(sessionId, CLAIMS);
    let standing: Standing = { holder: opener, generation: 0, last: 0 };
    for (;;) {
      const claims = await this.#store.read(name, standing.last);
      if (claims.length === 0) return standing;
      standing = standingAfter(claims, standing);
    }
  }
}

function standingAfter(
  claims: readonly { readonly seq: number; readonly text: string }[],
  before: Omit<Standing, 'last'>,
): Standing {
  let { holder, generation } = before;
  let last = 0;
  for (const { seq, text } of claims) {
    const claim = JSON.parse(text) as Claim;
    last = seq;
    if (claim.after !== seq - 1) continue;
    holder = claim.by;
    generation = claim.generation ?? seq;
  }
  return { holder, generation, last };
}
