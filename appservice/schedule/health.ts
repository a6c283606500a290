/**
 * How each connection is: a word, since when, and the last delivery that went well, as a state in its organisation's
 * room. Written when the word changes, and at most every five minutes for the rest.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { LoadedConnection } from '#config/load.ts';
import { DESK_BOT } from '#desk/access.ts';
import { connectionState, HealthWord } from '#desk/event.ts';
import { ADMIN } from '#desk/words.ts';
import { changeCursor, readCursors } from '#store/cursors.ts';
import type { Store } from '#store/open.ts';
import { enqueue, type NewRow, noticeRow } from '#store/outbox.ts';

/** What a post said of its connection. */
export type Sign = 'accepted' | 'bad_signature' | 'invalid';

const QUIET_MS = 300_000;
const BAD_SIGNATURES = 3; // anybody can send a wrong signature: a few, and nothing good lately, before it is said
const LATELY_MS = 600_000;
const LONG_MS = 900_000; // a tool that has not answered for so long is worth a sentence

const Kept = z.object({
  word: HealthWord,
  since: z.number(),
  lastSuccess: z.number().optional(),
  badSignatures: z.number().default(0),
  writtenAt: z.number(),
  written: z.record(z.string(), z.unknown()),
  /** Admins were told of a trouble that is not over. */
  told: z.boolean().default(false),
});
type Kept = z.infer<typeof Kept>;

/** What this replica saw since it last wrote it down. */
type Seen = { lastSuccess?: number; invalidAt?: number; badSignatures: number; /** Said outright by whoever sweeps. */ word?: HealthWord };

export class ConnectionHealths {
  readonly #store: Store;
  readonly #connections: ReadonlyMap<string, LoadedConnection>;
  readonly #clock: () => number;
  readonly #seen = new Map<string, Seen>();

  constructor({ store, connections, clock }: { store: Store; connections: readonly LoadedConnection[]; clock: () => number }) {
    this.#store = store;
    this.#connections = new Map(connections.map((connection) => [connection.id, connection]));
    this.#clock = clock;
  }

  /** Costs nothing: what is seen is written by the next `flush`. */
  note(connection: string, sign: Sign): void {
    const seen = this.#seen.get(connection) ?? { badSignatures: 0 };
    const now = this.#clock();
    if (sign === 'accepted') this.#seen.set(connection, { lastSuccess: now, badSignatures: 0 });
    else if (sign === 'invalid') this.#seen.set(connection, { ...seen, invalidAt: now });
    else this.#seen.set(connection, { ...seen, badSignatures: seen.badSignatures + 1 });
  }

  /** How a connection is whose tool is swept. */
  say(connection: string, word: HealthWord): void {
    const seen = this.#seen.get(connection) ?? { badSignatures: 0 };
    this.#seen.set(connection, { ...seen, word, ...(word === 'connected' && { lastSuccess: this.#clock() }) });
  }

  /** Says how every connection is that was never said, or whose declaration changed. Once, at the start. */
  async begin(): Promise<void> {
    const kept = await readCursors(this.#store, 'health:');
    for (const connection of this.#connections.values()) {
      const known = Kept.safeParse(kept.get(connection.id));
      if (!known.success || !isDeepStrictEqual(known.data.written, contentOf(connection, settle(connection, known.data)))) {
        await this.#write(connection, { badSignatures: 0 });
      }
    }
  }

  async flush(): Promise<void> {
    for (const [id, seen] of [...this.#seen]) {
      const connection = this.#connections.get(id);
      this.#seen.delete(id);
      if (connection === undefined) continue;
      const isDone = await this.#write(connection, seen).catch((error: unknown) => {
        this.#putBack(id, seen);
        throw error;
      });
      if (!isDone) this.#putBack(id, seen);
    }
  }

  /** What was not written joins what was seen meanwhile. */
  #putBack(id: string, seen: Seen): void {
    const since = this.#seen.get(id);
    this.#seen.set(
      id,
      since === undefined
        ? seen
        : {
            ...seen,
            ...since,
            badSignatures: since.lastSuccess === undefined ? seen.badSignatures + since.badSignatures : since.badSignatures,
          },
    );
  }

  /** False when it has to be tried again: another replica writes, or it is too soon to say only that time went on. */
  async #write(connection: LoadedConnection, seen: Seen): Promise<boolean> {
    let isDone = true;
    const held = await changeCursor(this.#store, `health:${connection.id}`, async (db, value) => {
      const now = this.#clock();
      const before = Kept.safeParse(value).data;
      const lastSuccess = before?.lastSuccess ?? (await lastDelivery(db, connection.id));
      const next = settle(connection, judge(before, { ...seen, lastSuccess: seen.lastSuccess ?? lastSuccess }, now));
      const content = contentOf(connection, next);
      const { isToBeTold, told } = tell(before, next, now);
      const isNews =
        isToBeTold ||
        before?.word !== next.word ||
        before.written.label !== content.label ||
        before.written.expectEvery !== content.expectEvery;
      if (!isNews && (isDeepStrictEqual(before.written, content) || now - before.writtenAt < QUIET_MS)) {
        isDone = isDeepStrictEqual(before.written, content);
        return isDone ? { ...next, told, writtenAt: before.writtenAt, written: before.written } : undefined;
      }
      await enqueue(db, rowsFor(connection, next, isToBeTold));
      return { ...next, told, writtenAt: now, written: content };
    });
    return held && isDone;
  }
}

type Standing = Pick<Kept, 'word' | 'since' | 'lastSuccess' | 'badSignatures'>;

/** The newest sign decides; wrong signatures only when nothing good came lately. */
function judge(before: Standing | undefined, seen: Seen, now: number): Standing {
  const lastSuccess = Math.max(before?.lastSuccess ?? 0, seen.lastSuccess ?? 0) || undefined;
  const isBetter = lastSuccess !== undefined && lastSuccess > (before?.lastSuccess ?? 0);
  const badSignatures = (isBetter ? 0 : (before?.badSignatures ?? 0)) + seen.badSignatures;
  const word = wordFor({ ...seen, badSignatures, lastSuccess }, { isBetter, now, before: before?.word });
  const since = word === before?.word ? before.since : now;
  return { word, since, badSignatures, ...(lastSuccess !== undefined && { lastSuccess }) };
}

function wordFor(
  { invalidAt, badSignatures, lastSuccess, word }: Seen,
  { isBetter, now, before }: { isBetter: boolean; now: number; before: HealthWord | undefined },
): HealthWord {
  if (word !== undefined) return word;
  if (invalidAt !== undefined && invalidAt > (lastSuccess ?? 0)) return 'misconfigured';
  if (isBetter) return 'connected';
  if (badSignatures >= BAD_SIGNATURES && now - (lastSuccess ?? 0) > LATELY_MS) return 'bad_credentials';
  if (before === undefined || before === 'stopped') return lastSuccess === undefined ? 'starting' : 'connected';
  return before;
}

/** A retired connection is stopped whatever comes. */
function settle<T extends Pick<Kept, 'word'>>({ retired }: LoadedConnection, standing: T): T {
  return retired ? { ...standing, word: 'stopped' } : standing;
}

function contentOf(connection: LoadedConnection, standing: Standing): Record<string, unknown> {
  return stateOf(connection, standing).content;
}

function stateOf({ id, bot, label, expectEvery }: LoadedConnection, { word, since, lastSuccess }: Standing) {
  return connectionState({ connection: id, bot, label, word, since, lastSuccess, expectEvery });
}

const TROUBLES: readonly HealthWord[] = ['bad_credentials', 'misconfigured'];

/** A trouble at once, a tool that does not answer when it lasts, and the end of what was told. */
function tell(before: Kept | undefined, { word, since }: Standing, now: number): { isToBeTold: boolean; told: boolean } {
  const wasTold = before !== undefined && (before.told || TROUBLES.includes(before.word));
  if (word === 'retrying') return { isToBeTold: !wasTold && now - since >= LONG_MS, told: wasTold || now - since >= LONG_MS };
  const isTrouble = TROUBLES.includes(word);
  return { isToBeTold: word !== before?.word && (isTrouble || wasTold), told: isTrouble };
}

function rowsFor(connection: LoadedConnection, standing: Standing, isTold: boolean): NewRow[] {
  const { type, stateKey, content } = stateOf(connection, standing);
  const { id, label, organisation } = connection;
  const state: NewRow = {
    address: `organisation:${organisation}`,
    kind: 'state',
    subject: `${type}|${stateKey}`,
    sender: DESK_BOT,
    draft: { type, stateKey, content },
  };
  return isTold
    ? [state, noticeRow(`admin:${organisation}`, `health|${id}`, ADMIN.health({ label, connection: id, word: standing.word }))]
    : [state];
}

async function lastDelivery(db: Store, connection: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('work.deliveries')
    .select((eb) => eb.fn.max('accepted_at').as('at'))
    .where('connection', '=', connection)
    .executeTakeFirst();
  return row?.at == null ? undefined : row.at.getTime();
}
