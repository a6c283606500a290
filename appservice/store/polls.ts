/** When each account is swept, where its last sweep stopped, and what of it stands on desks. */
import { sql } from 'kysely';
import type { Store } from './open.ts';

export type Poll = { connection: string; agent: string; cursor: unknown; failures: number; dueAt: Date };

const LEASE = sql`interval '15 seconds'`; // what a kill left is taken again after it
/** How often, ms, whoever sweeps says that it still does. */
export const RENEW_MS = 4_000;

/**
 * One row for each technical account, one for each active account of an agent; rows of connections that are gone go. New
 * ones are spread over their interval, so that a start sweeps not everybody at once.
 */
export async function syncPolls(db: Store, connections: readonly { id: string; hasAccounts: boolean; everyMs: number }[]): Promise<void> {
  const rows = JSON.stringify(connections.map(({ id, hasAccounts, everyMs }) => ({ id, has_accounts: hasAccounts, every_ms: everyMs })));
  const asked = sql`jsonb_to_recordset(${rows}::jsonb) as asked(id text, has_accounts boolean, every_ms float8)`;
  await sql`insert into work.polls (connection, agent, due_at)
    select id, '', now() from ${asked} where not has_accounts
    union all
    select id, localpart, now() + random() * every_ms * interval '1 millisecond' from ${asked}
      join record.accounts account on account.connection = id and account.state = 'active' where has_accounts
    on conflict (connection, agent) do nothing`.execute(db);
  await sql`delete from work.polls where connection not in (select id from ${asked})`.execute(db);
}

/** A technical account whose credentials were corrected in the configuration is tried at once. */
export async function wakeTechnical(db: Store): Promise<void> {
  await sql`update work.polls set due_at = now(), failures = 0, lease_until = null where agent = ''`.execute(db);
}

/**
 * Takes accounts that are due, for this replica alone, of each connection as many as it has `places` for, the longest due first.
 * `dueAt` in whole milliseconds, which a Date holds: what woke an account meanwhile is later.
 */
export async function claimPolls(db: Store, places: ReadonlyMap<string, number>, most: number): Promise<Poll[]> {
  const free = JSON.stringify([...places].map(([connection, left]) => ({ connection, left })));
  const { rows } = await sql<{ connection: string; agent: string; cursor: unknown; failures: number; due_at: Date }>`
    update work.polls poll set lease_until = now() + ${LEASE}, due_at = date_trunc('milliseconds', poll.due_at)
    from (select one.* from jsonb_to_recordset(${free}::jsonb) as free(connection text, "left" int)
      cross join lateral (select connection, agent, due_at from work.polls
        where connection = free.connection and due_at <= now() and (lease_until is null or lease_until < now())
        order by due_at limit free."left" for update skip locked) one
      order by one.due_at limit ${most}) due
    where poll.connection = due.connection and poll.agent = due.agent
    returning poll.connection, poll.agent, poll.cursor, poll.failures, poll.due_at`.execute(db);
  return rows.map(({ due_at, ...row }) => ({ ...row, dueAt: due_at }));
}

/** Those that are still swept stay this replica's. */
export async function renewPolls(db: Store, polls: readonly Poll[]): Promise<void> {
  const rows = JSON.stringify(polls.map(({ connection, agent }) => ({ connection, agent })));
  await sql`update work.polls poll set lease_until = now() + ${LEASE}
    from jsonb_to_recordset(${rows}::jsonb) as swept(connection text, agent text)
    where poll.connection = swept.connection and poll.agent = swept.agent and poll.lease_until is not null`.execute(db);
}

export type Finished = {
  cursor?: unknown;
  failures: number;
  afterMs: number | undefined;
  swept: boolean;
  /** The code of what went wrong; as it was when nothing was tried. */
  fault?: string;
};

/** What came of one sweep; without `afterMs` the account rests. Woken meanwhile, it is due at once. */
export async function finishPoll(db: Store, poll: Poll, { cursor, failures, afterMs, swept, fault }: Finished): Promise<void> {
  const next = afterMs === undefined ? sql`null` : sql`now() + ${afterMs} * interval '1 millisecond'`;
  await sql`update work.polls set lease_until = null, failures = ${failures},
      fault = ${swept ? null : (fault ?? sql`fault`)},
      due_at = case when due_at > ${poll.dueAt} then least(due_at, ${next}) else ${next} end,
      cursor = ${cursor === undefined ? sql`cursor` : sql`${JSON.stringify(cursor)}::jsonb`},
      swept_at = case when ${swept} then now() else swept_at end
    where connection = ${poll.connection} and agent = ${poll.agent}`.execute(db);
}

/** Sweeps it now (all accounts of the connection without `agents`), after what is going on. */
export async function wakePolls(db: Store, connection: string, agents?: readonly string[]): Promise<void> {
  const only = agents === undefined ? sql`true` : sql`agent = any(${[...agents]}::text[])`;
  await sql`update work.polls set due_at = clock_timestamp() where connection = ${connection} and due_at is not null and ${only}`.execute(
    db,
  );
  await sql`select pg_notify('work_polls', '')`.execute(db);
}

/** The same within a while, each at another moment of it. */
export async function wakeWithin(db: Store, connection: string, agents: readonly string[], withinMs: number): Promise<void> {
  await sql`update work.polls set due_at = least(due_at, clock_timestamp() + random() * ${withinMs} * interval '1 millisecond')
    where connection = ${connection} and due_at is not null and agent = any(${[...agents]}::text[])`.execute(db);
}

/** Some of those whose own accounts are swept beside hers, those who were let in last first. */
export async function sweptBeside(db: Store, connection: string, agent: string, most: number): Promise<string[]> {
  const { rows } = await sql<{ agent: string }>`select agent from work.polls
    where connection = ${connection} and agent <> ${agent} and due_at is not null
    order by swept_at desc nulls last, agent limit ${most}`.execute(db);
  return rows.map((row) => row.agent);
}

/** Whether anything of it is swept: the technical account, or one of an agent that is not refused. */
export async function isSwept(db: Store, connection: string): Promise<boolean> {
  const found = await db
    .selectFrom('work.polls')
    .select('agent')
    .where('connection', '=', connection)
    .where('due_at', 'is not', null)
    .limit(1)
    .execute();
  return found.length > 0;
}

/** Which of these (`connection agent`) are swept still. */
export async function sweptStill(db: Store, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`select connection || ' ' || agent as name from work.polls
    where due_at is not null and connection || ' ' || agent = any(${[...names]}::text[])`.execute(db);
  return new Set(rows.map(({ name }) => name));
}

/** Sweeps all accounts of a connection now and from their beginning. */
export async function sweepAnew(db: Store, connection: string): Promise<void> {
  await sql`update work.polls set cursor = null, failures = 0 where connection = ${connection} and due_at is not null`.execute(db);
  await wakePolls(db, connection);
}

/** An object as it stands: of the connection, or as one agent is shown it. `isSettled`: it has not changed for `ageMs`. */
export type Standing = { key: string; digest: string; revision: number; isClosed: boolean; isSettled: boolean };

/**
 * Whatever stands of the listed keys, and `withOpen` all that stands open besides: thousands, which only a complete list is compared
 * with. `ageMs` is how long ago the sweep began.
 */
export async function standingOf(
  db: Store,
  {
    connection,
    agent,
    listed,
    withOpen,
    ageMs,
  }: { connection: string; agent: string; listed: readonly string[]; withOpen: boolean; ageMs: number },
): Promise<Map<string, Standing>> {
  const settled = sql<boolean>`changed_at < clock_timestamp() - ${ageMs} * interval '1 millisecond'`;
  const keys = JSON.stringify(listed);
  const wanted = sql`key in (select jsonb_array_elements_text(${keys}::jsonb))`;
  const { rows } =
    agent === ''
      ? await sql<Standing>`select key, digest, revision, closed as "isClosed", ${settled} as "isSettled"
          from work.items where connection = ${connection} and ${withOpen ? sql`(not closed or ${wanted})` : wanted}`.execute(db)
      : await sql<Standing>`select key, coalesce(content->'via'->>'digest', '') as digest, revision,
            state in ('done', 'cancelled', 'expired') as "isClosed", ${settled} as "isSettled"
          from work.placements where connection = ${connection} and agent = ${agent}
            and ${withOpen ? sql`(state in ('todo', 'doing', 'waiting') or ${wanted})` : wanted}`.execute(db);
  return new Map(rows.map((row) => [row.key, row]));
}
