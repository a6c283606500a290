/** Ends a row: in its room, or buried with a sentence for the admins. What follows from it is in the same transaction. */
import { ItemKey, splitKey } from '#desk/item.ts';
import { ADMIN } from '#desk/words.ts';
import type { Store } from '#store/open.ts';
import { bury, connectionOf, enqueue, markSent, noticedSince, noticeRow, type OutboxRow, pinRow, toolRow } from '#store/outbox.ts';
import { keepSent } from '#store/placements.ts';
import { organisationOf } from '#store/rooms.ts';
import type { Frozen } from '#store/tables.ts';
import { readShown } from './freeze.ts';

/**
 * Marks a row as in its room; the placement learns its message, the indicator is counted again. `isLast`: nothing else is
 * ready for that room.
 */
export async function markInRoom(store: Store, row: OutboxRow, eventId: string): Promise<{ isLast: boolean }> {
  return store.transaction().execute(async (trx) => {
    const marked = await markSent(trx, row.id, eventId);
    if (marked === undefined || row.frozen === null) return { isLast: false };
    if (row.kind === 'tool') await keepToolState(trx, row, row.frozen.content);
    if (row.kind === 'item') await keepItem(trx, row, { eventId, frozen: row.frozen });
    const pin = pinRow(row, eventId);
    if (pin === undefined) return marked;
    await enqueue(trx, [pin]);
    return { isLast: false };
  });
}

async function keepItem(trx: Store, row: OutboxRow, { eventId, frozen }: { eventId: string; frozen: Frozen }): Promise<void> {
  const shown = readShown(frozen);
  const connection = connectionOf(row);
  if (shown === undefined || connection === null) return;
  const isKept = await keepSent(trx, { address: row.address, key: row.subject, eventId, ...shown });
  if (isKept) await enqueue(trx, [toolRow(row.address, connection)]);
}

async function keepToolState(trx: Store, row: OutboxRow, state: Record<string, unknown>): Promise<void> {
  const content = JSON.stringify(state);
  await trx
    .insertInto('work.tool_states')
    .values({ address: row.address, connection: row.subject, content })
    .onConflict((conflict) => conflict.columns(['address', 'connection']).doUpdateSet({ content, written_at: new Date() }))
    .execute();
}

const QUIET_MS = 600_000; // one sentence per room in ten minutes: a thousand refused rows are one problem

/** Buries a row, and tells the organisation's admins why; rows for admins themselves are only logged. */
export async function markDead(store: Store, row: OutboxRow, reason: string, labels: ReadonlyMap<string, string>): Promise<void> {
  await store.transaction().execute(async (trx) => {
    if (!(await bury(trx, row.id, reason))) return;
    const organisation = organisationOf(row.address);
    if (organisation === null || row.address.startsWith('admin:')) return;
    const address = `admin:${organisation}`;
    const subject = `dead|${row.address}`;
    if (await noticedSince(trx, { address, subject, ms: QUIET_MS })) return;
    await enqueue(trx, [noticeRow(address, subject, ADMIN.dead({ ...nameSource(row, labels), reason }))]);
  });
}

/** Which connection a dead row was about; outcomes and states are the desk's own. */
function nameSource(row: OutboxRow, labels: ReadonlyMap<string, string>): { label: string; connection: string } {
  const key = row.kind === 'item' ? ItemKey.safeParse(row.subject) : undefined;
  const connection = key?.success === true ? splitKey(key.data).connection : row.kind === 'tool' ? row.subject : 'bureau';
  return { label: labels.get(connection) ?? 'Écritoire', connection };
}
