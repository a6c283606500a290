/**
 * What the homeserver forgot (it was put back from a backup) waits again, under new row ids: the same id would be taken
 * for what it is, but its row says « sent ».
 */
import { EVENT } from '#desk/event.ts';
import { sql } from 'kysely';
import type { Store } from './open.ts';
import { enqueue, newRowId, type NewRow, toolRow } from './outbox.ts';
import type { Frozen, OutboxKind } from './tables.ts';

/** A sent row, or a placement whose row was forgotten by ourselves (`id` null), with the event it became. */
export type Sent = {
  id: string | null;
  address: string;
  roomId: string;
  kind: OutboxKind;
  subject: string;
  sender: string;
  frozen: Frozen | null;
  eventId: string;
  sentAt: Date;
};

type Row = { id: string | null; address: string; kind: OutboxKind; subject: string; sender: string; frozen: Frozen | null; sent_at: Date };

/** Sent rows, newest first; rows are kept for two days. */
export async function newestRows(db: Store, { offset, limit }: { offset: number; limit: number }): Promise<Sent[]> {
  const { rows } = await sql<Row & { event_id: string; room_id: string }>`
    select id, row.address, room.room_id, kind, subject, sender, frozen, event_id, sent_at from work.outbox row join work.rooms room on room.address = row.address
    where sent_at is not null and event_id is not null and room_id is not null order by sent_at desc, id limit ${limit} offset ${offset}`.execute(
    db,
  );
  return rows.map(({ event_id, room_id, sent_at, ...row }) => ({ ...row, eventId: event_id, roomId: room_id, sentAt: sent_at }));
}

/** First messages of placements, newest first: for a backup that is older than the rows we keep. */
export async function newestMessages(db: Store, { offset, limit }: { offset: number; limit: number }): Promise<Sent[]> {
  const { rows } = await sql<{ address: string; room_id: string; key: string; bot: string; event_id: string; sent_at: Date | null }>`
    select placement.address, room.room_id, key, content->>'bot' as bot, event_id, sent_at from work.placements placement join work.rooms room on room.address = placement.address
    where event_id is not null and room_id is not null order by sent_at desc nulls last, event_id limit ${limit} offset ${offset}`.execute(
    db,
  );
  return rows.map((row) => ({
    id: null,
    address: row.address,
    roomId: row.room_id,
    kind: 'item',
    subject: row.key,
    sender: `ecritoire_${row.bot}`,
    frozen: null,
    eventId: row.event_id,
    sentAt: row.sent_at ?? new Date(0),
  }));
}

/** Has these wait again, in their order, in one commit; what is about to be sent of the same items is computed anew. */
export async function sendAgain(store: Store, lost: readonly Sent[], more: readonly NewRow[]): Promise<void> {
  const inOrder = [...lost].sort((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
  await store.transaction().execute(async (trx) => {
    for (const sent of inOrder) {
      if (sent.kind === 'item') await forgetMessage(trx, sent);
      if (sent.kind === 'tool') {
        const { address, subject } = sent;
        await trx.deleteFrom('work.tool_states').where('address', '=', address).where('connection', '=', subject).execute();
      }
      if (sent.id !== null) await trx.deleteFrom('work.outbox').where('id', '=', sent.id).execute();
      await enqueue(trx, rowsFor(sent));
    }
    const addresses = [...new Set(lost.map(({ address }) => address))];
    // Its bots may have come into the room after the backup: whoever is to send next is brought in again.
    if (addresses.length > 0) await trx.updateTable('work.rooms').set({ bots: [] }).where('address', 'in', addresses).execute();
    await enqueue(trx, more);
  });
}

async function forgetMessage(db: Store, { address, subject, eventId }: Sent): Promise<void> {
  const gone = await db
    .updateTable('work.placements')
    .set({ event_id: null, sent_at: null, sent_revision: null, sent_pressing: null })
    .where('address', '=', address)
    .where('key', '=', subject)
    .where('event_id', '=', eventId)
    .executeTakeFirst();
  if (gone.numUpdatedRows === 0n) return;
  await sql`delete from work.outbox where address = ${address} and kind = 'item' and subject = ${subject}
    and claimed_at is not null and sent_at is null and dead_at is null`.execute(db);
}

function rowsFor({ address, kind, subject, sender, frozen }: Sent): NewRow[] {
  if (kind === 'tool') return [toolRow(address, subject)];
  // Closed since or not: the room knew it, so it is to know it again.
  if (kind === 'item') return [{ address, kind, subject, sender, draft: { again: true } }];
  if (frozen === null) return [];
  const id = newRowId();
  const content = kind === 'state' ? frozen.content : { ...frozen.content, [EVENT.row]: id };
  return [{ id, address, kind, subject, sender, draft: { ...frozen, content } }];
}
