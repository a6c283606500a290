/** The item by which the desk asks an agent to link a refused account again: written with the refusal, closed with the new link. */
import { type Relink, relinkItem, relinkKey } from '#desk/relink.ts';
import { isClosed } from '#desk/placement.ts';
import { moveTask } from '#desk/task.ts';
import { refuseAccount } from './accounts.ts';
import type { Store } from './open.ts';
import { findPlacement } from './placements.ts';
import { deskAddress } from './rooms.ts';
import { writeTask } from './tasks.ts';

type Place = { organisation: string };

/** Her account was refused by a call begun at `triedAt`: it rests, and she is asked once to link it again. False when it was known. */
export function refuseAndAsk(store: Store, { triedAt, ...relink }: Relink & Place & { triedAt: Date }): Promise<boolean> {
  const { connection, agent: localpart } = relink;
  return store.transaction().execute(async (trx) => {
    const isNews = await refuseAccount(trx, { connection, localpart }, triedAt);
    if (isNews) await askRelink(trx, relink);
    return isNews;
  });
}

/** Puts it on her desk, or opens it there again. */
async function askRelink(db: Store, { organisation, ...relink }: Relink & Place): Promise<void> {
  const address = deskAddress(organisation, relink.agent);
  const before = await findPlacement(db, address, relinkKey(relink));
  const at = Math.max(relink.at, (before?.content.revision ?? 0) + 1);
  await writeTask(db, relinkItem({ ...relink, at }), { address, agent: relink.agent, organisation }, undefined);
}

/** Nothing is asked any more: it is linked again (done), or she wants it no longer (cancelled). */
export async function endRelink(
  db: Store,
  { organisation, connection, agent, at }: Pick<Relink, 'connection' | 'agent' | 'at'> & Place,
  state: 'done' | 'cancelled',
): Promise<void> {
  const address = deskAddress(organisation, agent);
  const shown = await findPlacement(db, address, relinkKey({ connection, agent }));
  if (shown === undefined || isClosed(shown.content)) return;
  await writeTask(db, moveTask(shown.content, state, at), { address, agent, organisation }, undefined);
}
