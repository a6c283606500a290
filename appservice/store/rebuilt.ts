/**
 * What one room's history says, written in sets: beside what was accepted meanwhile, which is read first and under the
 * locks that accepting takes, in its order (deliveries, then objects by key, then what belongs to them).
 */
import { sql } from 'kysely';
import type { Last } from '#desk/delivery/decide.ts';
import type { Severity, State } from '#desk/item.ts';
import type { Placement } from '#desk/placement.ts';
import { jsonChunks } from './chunks.ts';
import type { Store } from './open.ts';

/** A delivery that a message of the room names; `at` in ms. */
export type SaidDelivery = { connection: string; source: string; id: string; digest: string; at: number };

export async function restoreDeliveries(db: Store, deliveries: readonly SaidDelivery[]): Promise<void> {
  for (const chunk of jsonChunks(deliveries)) {
    await sql`insert into work.deliveries (connection, source, id, digest, accepted_at)
      select distinct on (connection, source, id) connection, source, id, digest, to_timestamp(at / 1000)
      from jsonb_to_recordset(${chunk}::jsonb) as said(connection text, source text, id text, digest text, at float8)
      where to_timestamp(at / 1000) > now() - interval '30 days'
      order by connection, source, id on conflict do nothing`.execute(db);
  }
}

/** An object as a room says it stands. */
export type SaidObject = {
  key: string;
  connection: string;
  organisation: string;
  revision: number;
  digest: string;
  closed: boolean;
  /** ms */
  at: number;
};

/** An object as it stands afterwards; `last` when it was accepted since the store lost it, and rooms may be behind it. */
export type Standing = { key: string; revision: number; digest: string; closed: boolean; last: Last | null };

/** Writes objects where no room said anything newer, and locks them all; what was accepted meanwhile is left as it is. */
export async function restoreObjects(db: Store, objects: readonly SaidObject[]): Promise<Map<string, Standing>> {
  const standings = new Map<string, Standing>();
  const better = (column: string) =>
    sql`case when old.last is null and excluded.revision > old.revision then ${sql.ref(`excluded.${column}`)} else ${sql.ref(`old.${column}`)} end`;
  for (const chunk of jsonChunks(objects)) {
    const { rows } = await sql<Standing>`insert into work.items as old (key, connection, organisation, revision, digest, closed, changed_at)
      select key, connection, organisation, revision, digest, closed, to_timestamp(at / 1000)
      from jsonb_to_recordset(${chunk}::jsonb) as said(key text, connection text, organisation text, revision bigint, digest text,
        closed boolean, at float8) order by key
      on conflict (key) do update set revision = ${better('revision')}, digest = ${better('digest')}, changed_at = ${better('changed_at')},
        closed = case when old.last is null and excluded.revision = old.revision then old.closed or excluded.closed else ${better('closed')} end
      returning key, revision, digest, closed, last`.execute(db);
    for (const row of rows) standings.set(row.key, row);
  }
  return standings;
}

/** What was accepted meanwhile turned out to be late: the room's word stands, and nobody else is told the late one. */
export async function overruleObjects(db: Store, objects: readonly SaidObject[]): Promise<void> {
  for (const chunk of jsonChunks(objects)) {
    const said = sql`jsonb_to_recordset(${chunk}::jsonb) as said(key text, revision bigint, digest text, closed boolean)`;
    await sql`with late as (
        delete from work.placements late using ${said} where late.key = said.key and late.event_id is null
        and not exists (select 1 from work.outbox claimed where claimed.address = late.address and claimed.subject = late.key
          and claimed.kind = 'item' and claimed.claimed_at is not null and claimed.sent_at is null and claimed.dead_at is null)
        returning late.address, late.key)
      delete from work.outbox waiting using late where waiting.address = late.address and waiting.subject = late.key and waiting.kind = 'item'
        and waiting.claimed_at is null and waiting.sent_at is null and waiting.dead_at is null`.execute(db);
    await sql`update work.items item set revision = said.revision, digest = said.digest, closed = said.closed,
      last = null from ${said} where item.key = said.key`.execute(db);
  }
}

/** Placements of one agent among these keys; `hasMessage` for those whose message the store knows. */
export type Kept = { placement: Placement; addressed: boolean; hasMessage: boolean };

export async function findKept(db: Store, agent: string, keys: readonly string[]): Promise<Map<string, Kept>> {
  const { rows } = await sql<{
    key: string;
    content: Placement;
    addressed: boolean;
    has_message: boolean;
  }>`select key, content, addressed, event_id is not null as has_message
    from work.placements where agent = ${agent} and key = any(${[...keys]}::text[])`.execute(db);
  return new Map(rows.map(({ key, content, addressed, has_message }) => [key, { placement: content, addressed, hasMessage: has_message }]));
}

/** A placement as it stands after its room was read; times in ms. */
export type RestoredPlacement = {
  key: string;
  agent: string;
  address: string;
  connection: string;
  revision: number;
  content: Placement;
  addressed: boolean;
  state: State;
  severity: Severity;
  due_at: string | null;
  sort_at: number | null;
  event_id: string;
  sent_revision: number;
  sent_at: number;
  sent_pressing: boolean;
  seen_at: number | null;
  aside_at: number | null;
  snoozed_until: number | null;
  snoozed_revision: number | null;
  pinned_at: number | null;
  note: string | null;
  changed_at: number;
};

/** Columns and how they are read from JSON: times are ms there. */
const COLUMNS: Readonly<Record<keyof RestoredPlacement, 'text' | 'bigint' | 'jsonb' | 'boolean' | 'ms'>> = {
  key: 'text',
  agent: 'text',
  address: 'text',
  connection: 'text',
  revision: 'bigint',
  content: 'jsonb',
  addressed: 'boolean',
  state: 'text',
  severity: 'text',
  due_at: 'text',
  sort_at: 'ms',
  event_id: 'text',
  sent_revision: 'bigint',
  sent_at: 'ms',
  sent_pressing: 'boolean',
  seen_at: 'ms',
  aside_at: 'ms',
  snoozed_until: 'ms',
  snoozed_revision: 'bigint',
  pinned_at: 'ms',
  note: 'text',
  changed_at: 'ms',
};

const names = Object.keys(COLUMNS).join(', ');
const shape = Object.entries(COLUMNS)
  .map(([name, kind]) => `${name} ${kind === 'ms' ? 'float8' : kind}`)
  .join(', ');
const values = Object.entries(COLUMNS)
  .map(([name, kind]) => (kind === 'ms' ? `to_timestamp(${name} / 1000)` : name))
  .join(', ');
const replaced = Object.keys(COLUMNS)
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

/** A placement whose message the store knows already stays as it is. */
export async function restorePlacements(db: Store, placements: readonly RestoredPlacement[]): Promise<void> {
  for (const chunk of jsonChunks(placements)) {
    await sql`insert into work.placements as old (${sql.raw(names)})
      select ${sql.raw(values)} from jsonb_to_recordset(${chunk}::jsonb) as said(${sql.raw(shape)}) order by key, agent
      on conflict (key, agent) do update set ${sql.raw(replaced)} where old.event_id is null`.execute(db);
  }
}

/** Takes away unclaimed rows that would say again what the room says already. */
export async function dropSaid(db: Store, address: string, keys: readonly string[]): Promise<void> {
  await sql`delete from work.outbox where address = ${address} and kind = 'item' and subject = any(${[...keys]}::text[])
    and claimed_at is null and sent_at is null and dead_at is null`.execute(db);
}

/** What the indicators say in the room. */
export async function restoreToolStates(
  db: Store,
  address: string,
  states: readonly { connection: string; content: Record<string, unknown> }[],
): Promise<void> {
  await sql`insert into work.tool_states (address, connection, content)
    select ${address}, connection, content from jsonb_to_recordset(${JSON.stringify(states)}::jsonb) as said(connection text, content jsonb)
    on conflict (address, connection) do update set content = excluded.content, written_at = now()`.execute(db);
}
