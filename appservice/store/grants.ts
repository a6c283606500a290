/** What tools are still asked to grant: each until its agent has said yes there, or its time is over. */
import { sql } from 'kysely';
import { z } from 'zod';
import { type AccountKeys, LostKey, openWith, sealWith } from './account-keys.ts';
import type { AccountId } from './accounts.ts';
import type { Store } from './open.ts';

/** `state` is the bot's own; `url` the tool's page on which she says yes. */
const GrantSecret = z.object({ url: z.string(), state: z.unknown() });
export type GrantSecret = z.infer<typeof GrantSecret>;

const contextOf = ({ connection, localpart }: AccountId): string => `record.grants ${connection} ${localpart}`;
const LEASE = sql`interval '40 seconds'`; // longer than a tool may take to answer; what a kill left is asked about again after it

/** Begins, or begins again: of two the latest counts. */
export async function keepGrant(db: Store, keys: AccountKeys, id: AccountId, { until, ...secret }: GrantSecret & { until: Date }) {
  const at = { sealed: sealWith(keys, secret, contextOf(id)), until, due_at: sql<Date>`clock_timestamp()`, ended: null };
  await db
    .insertInto('record.grants')
    .values({ ...id, ...at })
    .onConflict((conflict) => conflict.columns(['connection', 'localpart']).doUpdateSet(at))
    .execute();
}

export async function dropGrant(db: Store, { connection, localpart }: AccountId): Promise<void> {
  await db.deleteFrom('record.grants').where('connection', '=', connection).where('localpart', '=', localpart).execute();
}

/** Of one agent, for « Mes outils »; without `url` it is over, and `ended` says how. */
export async function grantsOf(db: Store, keys: AccountKeys, localpart: string) {
  const rows = await db
    .selectFrom('record.grants')
    .select(['connection', 'sealed', 'until', 'ended'])
    .where('localpart', '=', localpart)
    .execute();
  return rows.map(({ connection, sealed, until, ended }) => {
    const secret = ended === null ? tryOpen(keys, sealed, { connection, localpart }) : undefined;
    return { connection, until, ended, ...(secret !== undefined && { url: secret.url }) };
  });
}

function tryOpen(keys: AccountKeys, sealed: Buffer, id: AccountId): GrantSecret | undefined {
  try {
    return GrantSecret.parse(openWith(keys, sealed, contextOf(id)));
  } catch (error) {
    if (error instanceof LostKey) return undefined;
    throw error;
  }
}

export type DueGrant = AccountId & { sealed: Buffer; until: Date };

/** Takes those that are to be asked about now, for this replica alone. */
export async function claimGrants(db: Store, limit: number): Promise<DueGrant[]> {
  const { rows } = await sql<DueGrant>`update record.grants one set due_at = clock_timestamp() + ${LEASE}
    from (select connection, localpart from record.grants where ended is null and due_at <= clock_timestamp()
      order by due_at limit ${limit} for update skip locked) due
    where one.connection = due.connection and one.localpart = due.localpart
    returning one.connection, one.localpart, one.sealed, one.until`.execute(db);
  return rows;
}

export const openGrant = (keys: AccountKeys, { sealed, ...id }: DueGrant): GrantSecret =>
  GrantSecret.parse(openWith(keys, sealed, contextOf(id)));

/** Not yet: asked again after so long. Nothing happens when she has begun anew meanwhile. */
export async function awaitGrant(db: Store, grant: DueGrant, afterMs: number): Promise<void> {
  await sql`update record.grants set due_at = clock_timestamp() + ${afterMs} * interval '1 millisecond'
    where connection = ${grant.connection} and localpart = ${grant.localpart} and sealed = ${grant.sealed}`.execute(db);
}

/** It came to nothing. */
export async function endGrant(db: Store, grant: DueGrant, ended: string): Promise<void> {
  await sql`update record.grants set ended = ${ended}
    where connection = ${grant.connection} and localpart = ${grant.localpart} and sealed = ${grant.sealed}`.execute(db);
}
