/** Ends a row: in its room, or buried with a sentence for the admins. What follows from it is in the same transaction. */
import { DeskError } from '#desk/errors.ts';
import { ItemKey, splitKey } from '#desk/item.ts';
import { ADMIN } from '#desk/words.ts';
import type { Store } from '#store/open.ts';
import { bury, enqueue, noticedSince, noticeRow, type OutboxRow, pinRow } from '#store/outbox.ts';
import { organisationOf } from '#store/rooms.ts';
import { markSent } from '#store/turn.ts';
import { readShown } from './freeze.ts';

/**
 * Marks a row as in its room; the placement learns its message, the indicator is counted again. `isLast`: nothing else is
 * ready for that room.
 */
export async function markInRoom(store: Store, row: OutboxRow, eventId: string): Promise<{ isLast: boolean }> {
  const { frozen } = row;
  if (frozen === null) throw new DeskError('bug', 'A row without words cannot be in a room');
  const inRoom = { eventId, frozen, shown: row.kind === 'item' ? readShown(frozen) : undefined };
  const pin = pinRow(row, eventId);
  if (pin === undefined) return (await markSent(store, row, inRoom)) ?? { isLast: false };
  return store.transaction().execute(async (trx) => {
    if ((await markSent(trx, row, inRoom)) !== undefined) await enqueue(trx, [pin]);
    return { isLast: false };
  });
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
