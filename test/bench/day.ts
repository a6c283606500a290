/**
 * `day`: a working day of 200 agents, 50 items and 120 changes each, swept every minute, with bursts at 8:30 and 14:00; the
 * trace is a fixture and its clock goes as fast as the appservice follows. Every write to the homeserver, rooms and joins
 * included, per change that reached a room. The homeserver only counts.
 */
import { sql } from 'kysely';
import { EVENT } from '../../appservice/desk/event.ts';
import { drain, startReady } from './support/bed.ts';
import { type CountingBed, startCounting } from './support/counting-bed.ts';
import { HOOK_PATH, toolEvent } from './support/tools.ts';
import { fire, signedRequest } from './support/wire.ts';
import { AGENTS, ITEMS_EACH, type Kind, type Minute, readTrace } from './day/trace.ts';
import type { Found } from './found.ts';

const MIDNIGHT = Date.parse('2026-11-26T00:00:00+01:00');
const MINUTE_MS = 60_000;
const DRAIN_MS = 120_000;
const MOST_EVENTS = 500; // of one batch

export async function day(say: (line: string) => void): Promise<Found> {
  const bed = await startCounting('day', { agents: AGENTS });
  const appservice = await startReady(bed);
  try {
    let changes = 0;
    const made = new Map<number, number>();
    for (const one of await readTrace()) {
      for (const item of one.happens.get('new') ?? []) made.set(item, timeOf(one.minute));
      changes += await sweep(bed, one, made);
      await triage(bed, one);
      await passMinute(bed);
      if (one.minute % 60 === 0) say(`${String(one.minute / 60)} h: ${String(changes)} changes`);
    }
    const { sends, states, members, rooms } = await bed.count();
    return {
      ours: { writesPerChange: (sends + states + members + rooms) / changes, changes, sends, states, membersAndRooms: members + rooms },
      floor: {},
      ratio: {},
      runs: 1,
    };
  } finally {
    await appservice.stop();
    await bed.stop();
  }
}

const nameOf = (item: number): string => `jour-${String(item)}`;
const agentOf = (item: number): number => Math.floor(item / ITEMS_EACH);

const timeOf = (minute: number): number => MIDNIGHT + minute * MINUTE_MS;

/** What the tool's sweep of this minute brought, in batches; answers how many changes. `made`: since when each item is there. */
async function sweep(bed: CountingBed, { minute, happens }: Minute, made: ReadonlyMap<number, number>): Promise<number> {
  const at = timeOf(minute);
  const kinds: Kind[] = ['new', 'changed', 'closed'];
  const events = kinds.flatMap((kind) =>
    (happens.get(kind) ?? []).map((item, index) => changeOf(item, { kind, at: at + index, minute, since: made.get(item) ?? at })),
  );
  const batches: Buffer[] = [];
  for (let first = 0; first < events.length; first += MOST_EVENTS) {
    const id = `msg-${String(minute)}-${String(first)}`;
    batches.push(signedRequest({ path: HOOK_PATH, secret: bed.secret, id, events: events.slice(first, first + MOST_EVENTS) }));
  }
  const { refused } = await fire(bed.port, [batches]);
  if (refused > 0) throw new Error(`the door refused a sweep of minute ${String(minute)}`);
  return events.length;
}

type Change = { kind: Kind; at: number; minute: number; since: number };

/** A change says something else of the item; its deadline is the item's, and stays. */
function changeOf(item: number, { kind, at, minute, since }: Change): object {
  const title = kind === 'new' ? undefined : `Demande ${nameOf(item)}, vue à la minute ${String(minute)}`;
  const event = toolEvent({
    id: `${nameOf(item)}-${kind}-${String(at)}`,
    agent: agentOf(item),
    item: nameOf(item),
    at,
    since,
    ...(title !== undefined && { title }),
  });
  return kind === 'closed' ? { ...event, data: { ...event.data, item: { ...event.data.item, state: 'done' } } } : event;
}

/** Agents set items aside, as their homeserver would tell it: what one takes in the same minute is one request. */
async function triage(bed: CountingBed, { minute, happens }: Minute): Promise<void> {
  const items = happens.get('aside') ?? [];
  if (items.length === 0) return;
  const keys = items.map((item) => `gta:gta:demande/${nameOf(item)}`);
  const rows = await bed.store
    .selectFrom('work.placements')
    .innerJoin('work.rooms', 'work.rooms.address', 'work.placements.address')
    .select(['key', 'agent', 'event_id', 'room_id'])
    .where('key', 'in', keys)
    .where('event_id', 'is not', null)
    .execute();
  const events = [...Map.groupBy(rows, ({ room_id }) => room_id)].map(([room, taken]) => ({
    event_id: `$${String(room)}-${String(minute)}`,
    room_id: room,
    sender: `@${taken[0]?.agent ?? ''}:${bed.config.serverName}`,
    type: EVENT.action,
    origin_server_ts: Date.now(),
    content: { v: 1, items: taken.map(({ event_id }) => event_id), action: 'desk.aside', askedAt: new Date().toISOString() },
  }));
  const answer = await fetch(`http://127.0.0.1:${String(bed.port)}/_matrix/app/v1/transactions/${String(minute)}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${bed.config.appservice.hsToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events }),
  });
  if (!answer.ok) throw new Error(`a transaction was answered ${String(answer.status)}`);
  await handled(bed);
}

async function handled(bed: CountingBed): Promise<void> {
  for (;;) {
    const waiting = await bed.store.selectFrom('work.inbox').select('event_id').where('handled_at', 'is', null).limit(1).executeTakeFirst();
    if (waiting === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Everything that is ready is sent; then a minute goes by for what waits, and that is sent too. */
async function passMinute(bed: CountingBed): Promise<void> {
  await drain(bed, { withinMs: DRAIN_MS, isReadyOnly: true });
  await sql`update work.outbox set not_before = not_before - interval '1 minute', queued_at = queued_at - interval '1 minute'
    where sent_at is null and dead_at is null`.execute(bed.store);
  await sql`update work.rooms set due_at = due_at - interval '1 minute' where due_at is not null`.execute(bed.store);
  await sql`select pg_notify('work_rooms', '')`.execute(bed.store);
  await drain(bed, { withinMs: DRAIN_MS });
}
