/** The end of a snooze changes no row, only what is counted: the indicators concerned are queued when it comes. */
import { changeCursor, storeNow } from '#store/cursors.ts';
import type { Store } from '#store/open.ts';
import { enqueue, toolRow } from '#store/outbox.ts';
import { endedSnoozes } from '#store/placements.ts';

const MARGIN_MS = 1000; // the replica that counts may have a clock that is behind the store's

export async function queueEndedSnoozes(store: Store): Promise<void> {
  await changeCursor(store, 'snoozes', async (db, value) => {
    const to = (await storeNow(db)) - MARGIN_MS;
    const from = typeof value === 'number' ? value : to;
    const ended = await endedSnoozes(db, new Date(from), new Date(to));
    await enqueue(
      db,
      ended.map(({ address, connection }) => toolRow(address, connection)),
    );
    return to;
  });
}
