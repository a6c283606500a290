/** Compares rooms and store with the model. What is wrong is named once however often it is seen again. */
import type { Store } from '../../appservice/store/open.ts';
import { compareRequests } from './compare-requests.ts';
import { compareTool } from './compare-tools.ts';
import type { Comparing, Findings } from './findings.ts';
import type { Accepted, Expected } from './model.ts';
import type { RoomView, Said } from './room-view.ts';

export async function compare(comparing: Comparing): Promise<void> {
  const { model, views, store, accepted, asked, findings } = comparing;
  const keys = [...new Set([...accepted.map(({ event }) => event.key), ...asked.flatMap((one) => one.keys)])];
  await findDeliveries(store, accepted, findings);
  await findDead(store, views, findings);
  for (const view of views.values()) {
    for (const key of keys) comparePlacement(view, key, { expected: model.shown(key).get(view.agent), accepted, findings });
    for (const [row, times] of view.rows) {
      if (times > 1) findings.add('doubled', `row ${row}`, `row ${row} is ${String(times)} times in the room of ${view.agent}`);
    }
    for (const connection of view.tools.keys()) compareTool(view, connection, { model, findings });
    await compareOrder(store, view, findings);
  }
  await comparePlacements(comparing, keys);
  await compareRequests(comparing);
}

/** Every delivery that was answered 202 is known to the store. */
async function findDeliveries(store: Store, accepted: readonly Accepted[], findings: Findings): Promise<void> {
  const ids = accepted.map(({ event }) => event.id);
  const rows = await store
    .selectFrom('work.deliveries')
    .select('id')
    .where('id', 'in', ['', ...ids])
    .execute();
  const known = new Set(rows.map(({ id }) => id));
  for (const id of ids.filter((one) => !known.has(one)))
    findings.add('lost', `delivery ${id}`, `delivery ${id} was answered 202 and is not kept`);
}

async function findDead(store: Store, views: ReadonlyMap<string, RoomView>, findings: Findings): Promise<void> {
  const rows = await store
    .selectFrom('work.outbox')
    .innerJoin('work.rooms', 'work.rooms.address', 'work.outbox.address')
    .select(['work.outbox.id', 'work.outbox.dead_reason'])
    .where('work.outbox.dead_at', 'is not', null)
    .where('work.rooms.room_id', 'in', ['', ...[...views.values()].map(({ roomId }) => roomId)])
    .execute();
  for (const { id, dead_reason } of rows) findings.add('lost', `dead ${id}`, `row ${id} is dead: ${String(dead_reason)}`);
}

type Placing = { expected: Expected | undefined; accepted: readonly Accepted[]; findings: Findings };

export function comparePlacement(view: RoomView, key: string, { expected, accepted, findings }: Placing): void {
  const said = view.said.get(key) ?? [];
  const originals = said.filter(({ eventId, original }) => eventId === original);
  const where = `${key} at ${view.agent}`;
  if (originals.length > 1) findings.add('doubled', `message ${where}`, `${where} has ${String(originals.length)} messages`);
  compareRevisions(said, where, findings);
  const latest = said.at(-1);
  if (expected === undefined) {
    if (latest) findings.add('wrongState', `stranger ${where}`, `${where} concerns nobody there`);
    return;
  }
  if (latest === undefined) {
    // Closed or taken away before its first message: nobody needs to be told.
    if (expected.state === 'todo') findings.add('lost', `message ${where}`, `${where} has no message`);
    return;
  }
  const { revision } = latest.placement;
  for (const { event } of accepted.filter((one) => one.event.key === key && one.isNewest && one.event.revision > revision)) {
    if (expected.revision >= event.revision) findings.add('lost', `${event.id} ${where}`, `${where} does not show ${event.id}`);
  }
  const wrong = differences(latest.placement, expected);
  if (wrong !== '') findings.add('wrongState', `${where} ${String(expected.revision)}`, `${where} differs in ${wrong}`);
}

function compareRevisions(said: readonly Said[], where: string, findings: Findings): void {
  const first = said[0]?.eventId;
  said.forEach(({ placement: { revision }, original, eventId }, index) => {
    const before = said[index - 1]?.placement.revision ?? -1;
    if (revision < before || original !== first)
      findings.add('outOfOrder', `${eventId} ${where}`, `${where}: revision ${String(revision)} after ${String(before)}`);
  });
}

/** Names the fields in which something shown is not as it should be. */
export function differences(
  shown: { revision: number; state: string; title: string; severity: string; dueAt?: string },
  expected: Expected,
): string {
  const fields = ['revision', 'state', 'title', 'severity', 'dueAt'] as const;
  const wrong = fields.filter((field) => shown[field] !== expected[field]);
  return wrong.map((field) => `${field} (${String(shown[field])}, not ${String(expected[field])})`).join(', ');
}

/** The store's copy: the same content, and the message that the room has. */
async function comparePlacements({ model, views, store, findings }: Comparing, keys: readonly string[]): Promise<void> {
  const rows = await store
    .selectFrom('work.placements')
    .select(['key', 'agent', 'content', 'event_id'])
    .where('key', 'in', ['', ...keys])
    .execute();
  const found = new Map(rows.map((row) => [`${row.key} at ${row.agent}`, row]));
  for (const key of keys) {
    for (const [agent, expected] of model.shown(key)) {
      const where = `${key} at ${agent}`;
      const row = found.get(where);
      const wrong = row === undefined ? 'being there' : differences(row.content, expected);
      if (wrong !== '')
        findings.add('wrongState', `store ${where} ${String(expected.revision)}`, `in the store ${where} differs in ${wrong}`);
      const message = views.get(agent)?.current(key)?.original.eventId ?? null;
      if (row && row.event_id !== message)
        findings.add(
          'wrongState',
          `event ${where}`,
          `in the store ${where} has message ${String(row.event_id)}, in the room ${String(message)}`,
        );
    }
  }
}

/**
 * Rows leave in the order in which they were queued. Two whose transactions went on at the same time may pass each other: only a row
 * that was claimed long after another had been queued must not have come before it.
 */
async function compareOrder(store: Store, view: RoomView, findings: Findings): Promise<void> {
  const ids = [...view.rows.keys()].slice(-LOOK_BACK);
  const rows = await store
    .selectFrom('work.outbox')
    .select(['id', 'seq', 'queued_at', 'claimed_at'])
    .where('id', 'in', [NO_ROW, ...ids])
    .execute();
  const found = new Map(rows.map((row) => [row.id, row]));
  const sent = ids.flatMap((id) => found.get(id) ?? []);
  sent.forEach((row, index) => {
    const before = sent[index - 1];
    const isPassed = before !== undefined && before.seq > row.seq && Number(before.claimed_at) > Number(row.queued_at) + OVERLAP_MS;
    if (isPassed) findings.add('outOfOrder', `row ${row.id}`, `row ${row.id} came after row ${before.id}, at ${view.agent}`);
  });
}

const OVERLAP_MS = 2000; // no transaction of ingest or dispatch takes so long
const LOOK_BACK = 1000; // rows of a room: more than a round writes
const NO_ROW = '00000000-0000-0000-0000-000000000000';
