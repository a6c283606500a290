/** Accepting asks of each placement whether its first message is on its way: the few claimed rows, not the whole backlog. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index outbox_claimed on work.outbox (address, subject)
    where claimed_at is not null and sent_at is null and dead_at is null`.execute(db);
}
