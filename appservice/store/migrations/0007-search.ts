/**
 * What is searched in a placement: title, summary, kind, who asks, dossier, documents; French words by their stems, without
 * accents on both sides (the server's own `unaccent` is an extension that not every site has). Own notes are her own words
 * and are searched too.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create function work.plain(text text) returns text language sql immutable parallel safe strict
    return regexp_replace(normalize(lower(text), NFD), '[\u0300-\u036f]', '', 'g')`.execute(db);
  await sql`create function work.searched(content jsonb, note text) returns tsvector language sql immutable parallel safe
    return to_tsvector('french', work.plain(concat_ws(' ', content->>'title', content->>'summary', content->>'kind', content->>'dossier',
      content->>'reason', jsonb_path_query_array(content, '$.people[*].name')::text, jsonb_path_query_array(content, '$.documents[*].name')::text,
      note)))`.execute(db);
  await sql`alter table work.placements add column searched tsvector`.execute(db);
  // Only once the message is in its room: accepting has better things to do than to stem words nobody can see yet.
  await sql`create function work.note_searched() returns trigger language plpgsql as $$
    begin new.searched := work.searched(new.content, new.note); return new; end $$`.execute(db);
  await sql`create trigger searched before insert or update of event_id, sent_revision, note on work.placements
    for each row when (new.event_id is not null) execute function work.note_searched()`.execute(db);
  await sql`update work.placements set searched = work.searched(content, note) where event_id is not null`.execute(db);
  await sql`create index placements_searched on work.placements using gin (searched)`.execute(db);
}
