/**
 * When the homeserver or the store fails for everybody, the platform's admins read one sentence once it is over: what
 * happened, since when, and that nothing is lost. What fails is told by those who meet it; replicas say it once together.
 */
import { ADMIN } from '#desk/words.ts';
import { changeCursor } from '#store/cursors.ts';
import { type StoreTrouble, storeTrouble } from '#store/failure.ts';
import type { Store } from '#store/open.ts';
import { enqueue, noticedSince, noticeRow, type Trouble } from '#store/outbox.ts';

/** Who met it: only she who met a failing homeserver can say that it is over, a ping may pass where sends do not. */
type Witness = 'relay' | 'ping';
type Outage<How> = { how: How; since: number; last: number; isOver: boolean };
type HomeserverTrouble = Exclude<Trouble, 'limited'>;

const LEAST_MS = { homeserver: 5000, store: 1000 }; // shorter ones nobody noticed
const QUIET_MS = 5000; // without a failure of the store before its return is believed: a full disk still takes small writes
const HINT_MS = 86_400_000;
const WAITED_MS = 10_000; // at least, before an answer is given up as too late: it failed since then
const CLOCK_MS = 60_000; // clocks may differ by so much: signatures are good for minutes, sessions for one

/** What an admin can put right, told at most once a day while it goes on. */
type Hint = 'limited' | 'elsewhere' | 'stranger' | 'clock';
const HINTS: Readonly<Record<Exclude<Hint, 'clock'>, string>> = {
  limited: ADMIN.limited,
  elsewhere: ADMIN.elsewhere,
  stranger: ADMIN.stranger,
};

export class Outages {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #timeZone: string;
  #homeserver: (Outage<HomeserverTrouble> & { by: Witness }) | undefined;
  #base: Outage<StoreTrouble> | undefined;
  readonly #hints = new Map<Hint, string>();

  constructor({ store, clock, timeZone }: { store: Store; clock: () => number; timeZone: string }) {
    this.#store = store;
    this.#clock = clock;
    this.#timeZone = timeZone;
  }

  homeserverFails(how: Trouble, by: Witness): void {
    if (how === 'limited') {
      this.note('limited');
      return;
    }
    const now = this.#clock();
    const known = this.#homeserver;
    if (known === undefined || (known.isOver && known.last - known.since < LEAST_MS.homeserver)) {
      const since = how === 'slow' ? now - WAITED_MS : now;
      this.#homeserver = { how, by, since, last: now, isOver: false };
    } else {
      Object.assign(known, { last: now, isOver: false, ...(by === 'relay' && { by }) });
    }
  }

  /** Costs nothing: it is said by the next `flush`. */
  note(hint: keyof typeof HINTS): void {
    this.#hints.set(hint, HINTS[hint]);
  }

  /** How far the homeserver's clock is ahead of ours, in ms. */
  hearClock(aheadMs: number): void {
    if (Math.abs(aheadMs) > CLOCK_MS) this.#hints.set('clock', ADMIN.clock({ aheadMs }));
  }

  homeserverAnswers(by: Witness): void {
    const known = this.#homeserver;
    if (known === undefined || known.isOver || (known.by !== by && by === 'ping')) return;
    Object.assign(known, { last: this.#clock(), isOver: true });
  }

  /** What the ping met; undefined: an answer in the homeserver's own words. */
  hearPing(trouble: Trouble | undefined): void {
    if (trouble === undefined) this.homeserverAnswers('ping');
    else this.homeserverFails(trouble, 'ping');
  }

  /** Errors that are the row's own and not the store's are left out. */
  storeFails(error: unknown): void {
    const how = storeTrouble(error);
    if (how === undefined || how === 'passing') return;
    const now = this.#clock();
    if (this.#base === undefined) this.#base = { how, since: now, last: now, isOver: false };
    // What ends connections hides why: the next failure knows better.
    else Object.assign(this.#base, { last: now, ...(this.#base.how === 'gone' && { how }) });
  }

  /** Says what is over. Throws while the store takes nothing: then it is not. */
  async flush(): Promise<void> {
    await this.#flushStore();
    await this.#flushHomeserver();
    for (const [hint, sentence] of [...this.#hints]) await this.#sayHint(hint, sentence);
  }

  async #flushStore(): Promise<void> {
    const known = this.#base;
    if (known === undefined || this.#clock() - known.last < QUIET_MS) return;
    if (known.last - known.since < LEAST_MS.store) this.#base = undefined;
    else if (await this.#say('store', known, ADMIN.storeWasOut({ ...this.#times(known), how: known.how }))) this.#base = undefined;
  }

  async #flushHomeserver(): Promise<void> {
    const known = this.#homeserver;
    if (known === undefined || !known.isOver) return;
    if (known.last - known.since < LEAST_MS.homeserver) this.#homeserver = undefined;
    else if (await this.#say('homeserver', known, ADMIN.homeserverWasOut({ ...this.#times(known), how: known.how })))
      this.#homeserver = undefined;
  }

  #times({ since, last }: { since: number; last: number }) {
    return { since, until: last, timeZone: this.#timeZone };
  }

  /** False: another replica is saying something just now, so try again. One outage is said by the first that comes by. */
  #say(part: string, { since, last }: { since: number; last: number }, sentence: string): Promise<boolean> {
    return changeCursor(this.#store, `outage:${part}`, async (db, told) => {
      if (typeof told === 'number' && told >= since) return undefined;
      await enqueue(db, [noticeRow('platform', `outage|${part}`, sentence)]);
      return last;
    });
  }

  /** Under the cursor's lock: replicas that notice the same together say it once. */
  async #sayHint(hint: Hint, sentence: string): Promise<void> {
    const notice = noticeRow('platform', hint, sentence);
    await changeCursor(this.#store, `hint:${hint}`, async (db) => {
      if (!(await noticedSince(db, { address: notice.address, subject: notice.subject, ms: HINT_MS }))) await enqueue(db, [notice]);
      return undefined;
    });
    this.#hints.delete(hint);
  }
}
