/**
 * Words are what the search takes apart, and no others: PostgreSQL's own reading made one word of « d’urbanisme », of a file's name and of
 * « 2026-041 » (with its hyphen a negative number). Ligatures are two letters. Whole words are kept beside their stems, which are shorter than
 * what she may have typed so far.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create or replace function work.plain(text text) returns text language sql immutable parallel safe strict
    return lower(regexp_replace(replace(replace(replace(replace(normalize(text, NFD),
      'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), '[\u0300-\u036f]', '', 'g'))`.execute(db);
  // ASCII and Latin signs, general punctuation: everything between the words of a text.
  await sql`create function work.words(text text) returns text language sql immutable parallel safe strict
    return regexp_replace(work.plain(text), '[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f]+', ' ', 'g')`.execute(
    db,
  );
  await sql`create function work.searched_text(content jsonb, note text) returns text language sql immutable parallel safe
    return work.words(concat_ws(' ', content->>'title', content->>'summary', content->>'kind', content->>'dossier',
      content->>'reason', jsonb_path_query_array(content, '$.people[*].name')::text, jsonb_path_query_array(content, '$.documents[*].name')::text,
      note))`.execute(db);
  await sql`create or replace function work.searched(content jsonb, note text) returns tsvector language sql immutable parallel safe
    return to_tsvector('french', work.searched_text(content, note)) || to_tsvector('simple', work.searched_text(content, note))`.execute(
    db,
  );
  await sql`update work.placements set searched = work.searched(content, note) where event_id is not null`.execute(db);
}
