/** What was typed and waits for a « oui »: primary data, so that a kill forgets neither the question nor that it was answered. */
import { type Selectable, sql } from 'kysely';
import type { Store } from './open.ts';
import type { Tables } from './tables.ts';

export type Confirmation = Selectable<Tables['record.confirmations']>;
export type NewConfirmation = Omit<Confirmation, 'expires_at' | 'is_next' | 'ended_at'> & { expiresAt: number };

/** Asked about the same item's same action again, only the latest waits. */
export async function keepConfirmation(db: Store, { expiresAt, input, ...said }: NewConfirmation): Promise<void> {
  await db
    .updateTable('record.confirmations')
    .set({ ended_at: sql<Date>`now()` })
    .where('address', '=', said.address)
    .where('item', '=', said.item)
    .where('action', '=', said.action)
    .where('ended_at', 'is', null)
    .execute();
  await db
    .insertInto('record.confirmations')
    .values({ ...said, input: JSON.stringify(input), expires_at: new Date(expiresAt) })
    .onConflict((conflict) => conflict.column('asked').doNothing())
    .execute();
}

/** Those of a desk that nobody has answered, expired ones too, the latest last. */
export function openConfirmations(db: Store, address: string): Promise<Confirmation[]> {
  return db
    .selectFrom('record.confirmations')
    .selectAll()
    .where('address', '=', address)
    .where('ended_at', 'is', null)
    .orderBy('expires_at')
    .execute();
}

/** Those of one desk only, whoever names them. Answers those that still waited. */
export async function endConfirmations(db: Store, address: string, asked: readonly string[]): Promise<Confirmation[]> {
  if (asked.length === 0) return [];
  return db
    .updateTable('record.confirmations')
    .set({ ended_at: sql<Date>`now()` })
    .where('address', '=', address)
    .where('asked', 'in', [...asked])
    .where('ended_at', 'is', null)
    .returningAll()
    .execute();
}

/** She has gone on talking: from now on a « oui » has to be the answer to the question itself. */
export async function passOver(db: Store, address: string): Promise<void> {
  await db
    .updateTable('record.confirmations')
    .set({ is_next: false })
    .where('address', '=', address)
    .where('ended_at', 'is', null)
    .execute();
}

/** The confirmation that a message is about: the question, what she had typed, or the item. Of those that wait, or waited. */
export async function confirmationAbout(db: Store, address: string, eventId: string): Promise<Confirmation | undefined> {
  const { rows } = await sql<Confirmation>`select kept.* from record.confirmations kept
    where kept.address = ${address} and (${eventId} in (kept.asked, kept.item) or exists (select 1 from work.outbox said
      where said.address = ${address} and said.kind = 'outcome' and said.event_id = ${eventId} and said.subject = kept.asked))
    order by kept.ended_at is not null, kept.expires_at desc limit 1`.execute(db);
  return rows[0];
}
