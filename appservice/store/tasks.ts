/** Tasks of agents' own, written straight to their desk: no delivery brings them and no sweep closes them. */
import type { Placement } from '#desk/placement.ts';
import { OWN } from '#desk/task.ts';
import { sql } from 'kysely';
import type { Store } from './open.ts';
import { enqueue } from './outbox.ts';

export type TaskPlace = { address: string; agent: string; organisation: string };

/** The task as it stands now, on its way to the room. `sortAt` in ms. */
export async function writeTask(db: Store, placement: Placement, { address, agent, organisation }: TaskPlace, sortAt: number | undefined) {
  const { key, connection, revision, state, severity, dueAt } = placement;
  const isClosed = state !== 'todo';
  const object = { revision, digest: '', closed: isClosed, changed_at: sql<Date>`now()` };
  await db
    .insertInto('work.items')
    .values({ key, connection, organisation, ...object })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(object))
    .execute();
  const shown = { revision, content: JSON.stringify(placement), state, severity, due_at: dueAt ?? null, changed_at: sql<Date>`now()` };
  await db
    .insertInto('work.placements')
    .values({ key, agent, address, connection, addressed: true, sort_at: sortAt === undefined ? null : new Date(sortAt), ...shown })
    .onConflict((conflict) => conflict.columns(['key', 'agent']).doUpdateSet(shown))
    .execute();
  await enqueue(db, [{ address, kind: 'item', subject: key, sender: `ecritoire_${OWN.bot}` }]);
}
