/** An object is only ever compared with: what it said stands in its placements, and was written twice. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table work.items drop column content`.execute(db);
}
