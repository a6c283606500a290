/**
 * Whether the homeserver still knows what it was sent. One that was put back from a backup does not, and nothing tells us:
 * so its newest events are asked for at the start and after each silence, before anything else is sent, and what it forgot
 * is sent again.
 */
import { DESK_BOT } from '#desk/access.ts';
import { DeskError } from '#desk/errors.ts';
import { ADMIN } from '#desk/words.ts';
import { newestMessages, newestRows, type Sent, sendAgain } from '#store/forgotten.ts';
import type { Store } from '#store/open.ts';
import { type NewRow, noticeRow } from '#store/outbox.ts';
import { forgetRoom, organisationOf } from '#store/rooms.ts';
import { sql } from 'kysely';
import type { Bots } from './bridge.ts';
import type { MatrixClient } from './client.ts';

export type MemoryOptions = { client: MatrixClient; bots: Bots; store: Store; serverName: string };

export interface Memory {
  /** Returns when it is certain; throws `unavailable` when it is not, or when something has just been put to be sent again. */
  certain(): Promise<void>;
  /** The same, asked anew: before a refusal for good is believed. */
  certainNow(): Promise<void>;
}

const NEWEST = 3;
const PAGE = 48;
const AT_ONCE = 8;

export function makeMemory(options: MemoryOptions): Memory {
  let certainAt = -1;
  let running: Promise<number> | undefined;
  const memory: Memory = {
    async certainNow() {
      certainAt = -1;
      await memory.certain();
    },
    async certain() {
      const silences = options.client.silences();
      if (certainAt === silences) return;
      running ??= look(options).finally(() => (running = undefined));
      const lost = await running;
      certainAt = silences;
      // What is to be sent may just have become something else.
      if (lost > 0) throw new DeskError('unavailable', 'The homeserver has forgotten events; they are sent again', { retryAfterMs: 1 });
    },
  };
  return memory;
}

/** Under one lock for all replicas: who comes second finds everything put right. Answers how many events were lost. */
function look(options: MemoryOptions): Promise<number> {
  const { store } = options;
  return store.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('homeserver memory', 0))`.execute(trx);
    const newest = await newestRows(store, { offset: 0, limit: NEWEST });
    if ((await missing(options, newest)).length === 0) return 0;
    const lost = await walk(options, (offset) => newestRows(store, { offset, limit: PAGE }));
    const events = lost.isAll ? await walk(options, (offset) => newestMessages(store, { offset, limit: PAGE })) : { missing: [] };
    const known = new Set(lost.missing.map(({ eventId }) => eventId));
    const all = [...lost.missing, ...events.missing.filter(({ eventId }) => !known.has(eventId))];
    await repair(options, all);
    return all.length;
  });
}

/** From the newest on until a whole page is still there. `isAll`: that page never came. */
async function walk(options: MemoryOptions, read: (offset: number) => Promise<Sent[]>): Promise<{ missing: Sent[]; isAll: boolean }> {
  const lost: Sent[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const page = await read(offset);
    const gone = await missing(options, page);
    lost.push(...gone);
    if (page.length > 0 && gone.length === 0) return { missing: lost, isAll: false };
    if (page.length < PAGE) return { missing: lost, isAll: true };
  }
}

async function missing(options: MemoryOptions, sent: readonly Sent[]): Promise<Sent[]> {
  const gone: Sent[] = [];
  const left = [...sent];
  const lane = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) if (!(await has(options, one.roomId, one.eventId))) gone.push(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return gone;
}

/** Only the homeserver's own « not found » says that it forgot; a room that we are no longer in says nothing about it. */
async function has(options: MemoryOptions, roomId: string, eventId: string): Promise<boolean> {
  const answer = await ask(options, `/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(eventId)}`);
  if (answer.status === 404 && answer.errcode === 'M_NOT_FOUND') return false;
  if (answer.status === 200 || answer.status === 403) return true;
  throw new DeskError('unavailable', `The homeserver did not say what it knows: ${answer.reason}`);
}

async function repair(options: MemoryOptions, lost: readonly Sent[]): Promise<void> {
  const rooms = new Map(lost.map(({ address, roomId }) => [address, roomId]));
  for (const [address, roomId] of rooms) {
    const creation = await ask(options, `/rooms/${encodeURIComponent(roomId)}/state/m.room.create/`);
    if (creation.status === 403 || creation.status === 404) await forgetRoom(options.store, address, roomId);
  }
  for (const bot of new Set([DESK_BOT, ...lost.map(({ sender }) => sender)])) options.bots.forget(bot);
  const again: Sent[] = [];
  for (const sent of lost) if (sent.kind !== 'outcome' || (await isStillAsked(options, sent))) again.push(sent);
  await sendAgain(options.store, again, noticesFor(again));
}

/** Her request was forgotten with its outcome: she sees neither, and what it decided is kept in our store. */
async function isStillAsked(options: MemoryOptions, { roomId, subject }: Sent): Promise<boolean> {
  return has(options, roomId, subject);
}

function noticesFor(lost: readonly Sent[]): NewRow[] {
  const counts = new Map<string, number>();
  for (const { address } of lost) {
    const organisation = organisationOf(address);
    const admin = organisation === null ? 'platform' : `admin:${organisation}`;
    counts.set(admin, (counts.get(admin) ?? 0) + 1);
  }
  return [...counts].map(([address, events]) => noticeRow(address, 'forgotten', ADMIN.forgotten({ events })));
}

const ask = ({ client, serverName }: MemoryOptions, path: string) =>
  client.call('GET', `/_matrix/client/v3${path}`, { as: `@${DESK_BOT}:${serverName}` });
