/** « Mes outils »: addresses that agents have proven to be theirs besides those of the directory, and the codes that prove them. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // One owner in each organisation, as in memberships, whose addresses win. mail is folded (desk/mail.ts).
  await sql`create table record.mails (
    organisation text not null, mail text not null, localpart text not null references record.people,
    proven_at timestamptz not null default now(), primary key (organisation, mail))`.execute(db);
  await sql`create index mails_localpart on record.mails (localpart)`.execute(db);

  // Codes sent in the last hour, so that they can be counted; the open one is what an agent is asked. digest is a keyed hash.
  await sql`create table record.mail_codes (
    id uuid primary key, localpart text not null references record.people, mail text not null, digest text not null,
    sent_at timestamptz not null default now(), until timestamptz not null, tries integer not null default 0, ended text)`.execute(db);
  await sql`create unique index mail_codes_open on record.mail_codes (localpart) where ended is null`.execute(db);
  await sql`create index mail_codes_localpart on record.mail_codes (localpart, sent_at)`.execute(db);
  await sql`create index mail_codes_mail on record.mail_codes (mail, sent_at)`.execute(db);
}
