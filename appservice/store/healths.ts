/** How connections are, as it was last judged and kept (`schedule/health.ts`), with deliveries that came since. */
import { sql } from 'kysely';
import { z } from 'zod';
import { HealthWord } from '#desk/event.ts';
import type { ConnectionSaid } from '#desk/words/commands.ts';
import { readCursors } from './cursors.ts';
import type { Store } from './open.ts';

const Kept = z.object({ word: HealthWord, since: z.number(), lastSuccess: z.number().optional() });

export async function readHealths(db: Store, connections: readonly { id: string; label: string }[]): Promise<ConnectionSaid[]> {
  const kept = await readCursors(db, 'health:');
  const lately = await latestDeliveries(db);
  return connections.map(({ id, label }) => {
    const { word, since, lastSuccess } = Kept.safeParse(kept.get(id)).data ?? { word: 'starting' as const };
    const last = Math.max(lastSuccess ?? 0, lately.get(id) ?? 0);
    return { id, label, word, ...(since !== undefined && { since }), ...(last > 0 && { lastSuccess: last }) };
  });
}

/** The health of a connection is written every five minutes: what came since is asked of the deliveries. */
async function latestDeliveries(db: Store): Promise<Map<string, number>> {
  const { rows } = await sql<{ connection: string; at: Date }>`select connection, max(accepted_at) as at from work.deliveries
    where accepted_at > now() - interval '6 minutes' group by connection`.execute(db);
  return new Map(rows.map(({ connection, at }) => [connection, at.getTime()]));
}
