/** What a start asks of the homeserver and of the store, and what it does when the store goes away in the midst of it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople, post } from '../support/door.ts';
import { pause, until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

const COUNT_ROWS = fileURLToPath(new URL('../support/count-rows.ts', import.meta.url));

let bed: MatrixBed;
let hands: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('start');
  hands = new RelayBed(bed);
});

afterAll(async () => {
  await hands.stop();
  await bed.stop();
});

/** People of the directory, each with a desk and two items in it. */
async function furnish(names: readonly string[]): Promise<void> {
  await addPeople(bed, names);
  const appservice = await startAppservice(bed);
  await appservice.ready();
  for (const name of names) for (const item of ['un', 'deux']) await hands.accept(name, { id: `${name}/${item}`, title: item });
  await hands.drained();
  await appservice.stop();
}

/** As many more, in the store alone: a start that read rooms, or went through agents, would ask for each of them. */
async function invent(count: number): Promise<void> {
  const agents = sql`generate_series(1, ${count}) as number, lateral (select 'invente-' || number as agent) person`;
  for (const statement of [
    sql`insert into record.people (localpart, name) select agent, agent from ${agents}`,
    sql`insert into record.memberships (localpart, organisation, mail, source)
      select agent, 'ville-claire', agent || '@ville-claire.example', 'test' from ${agents}`,
    sql`insert into record.accounts (connection, localpart, sealed) select 'gta', agent, ''::bytea from ${agents}`,
    sql`insert into work.rooms (address, organisation, room_id, rebuilt_at, bots)
      select 'desk:ville-claire:' || agent, 'ville-claire', '!' || agent || ':desk.localhost', now(), '{ecritoire_gta}' from ${agents}`,
    sql`insert into work.placements (key, agent, address, connection, revision, content, addressed, state, severity, event_id, sent_at)
      select one.key || person.agent, person.agent, 'desk:ville-claire:' || person.agent, one.connection, one.revision, one.content,
        one.addressed, one.state, one.severity, '$' || person.agent, now()
      from ${agents}, lateral (select * from work.placements where event_id is not null limit 1) one`,
  ])
    await statement.execute(bed.store);
}

const SETTLED_MS = 4000;

/** Requests to the homeserver and rows from the store, of a start and what follows it at once; a start of its own goes before. */
async function measureStart(): Promise<{ requests: number; rows: number }> {
  const before = await startAppservice(bed);
  await before.ready();
  await pause(SETTLED_MS);
  await before.stop();
  const seen = bed.proxy.seen.length;
  const appservice = await startAppservice(bed, { preload: COUNT_ROWS });
  try {
    await appservice.ready();
    await pause(SETTLED_MS);
    const requests = bed.proxy.seen.length - seen;
    appservice.process.kill('SIGUSR2');
    const said = async (): Promise<string | undefined> => /rows so far: (\d+)/.exec(await readFile(appservice.log, 'utf8'))?.[1];
    const rows = Number(await until(said));
    return { requests, rows };
  } finally {
    await appservice.stop();
  }
}

test('a start asks as much with five hundred desks as with five', async () => {
  await furnish(['ada', 'bea', 'cleo', 'dana', 'eva']);
  const few = await measureStart();
  await invent(495);
  const many = await measureStart();
  expect(many.requests).toBeLessThanOrEqual(few.requests + 3);
  expect(many.rows).toBeLessThanOrEqual(few.rows + 20); // chores of each second
  expect(few.rows).toBeGreaterThan(0);
});

test('a store that goes away while the homeserver is still asked for ends no start: it serves when the store is back', async () => {
  bed.door.fault = ({ path }) => (path.endsWith('/ping') ? { holdMs: 4000 } : undefined);
  const appservice: AppserviceProcess = await startAppservice(bed);
  try {
    const asked = (): Promise<true | undefined> =>
      Promise.resolve(bed.door.seen.at(-1)?.path.endsWith('/ping') === true ? true : undefined);
    await until(asked);
    await bed.killPostgres();
    await pause(6000);
    expect(appservice.process.exitCode).toBeNull();
    bed.door.fault = () => undefined;
    await bed.restartPostgres();
    await appservice.ready();
    expect((await post(bed, { agent: 'ada', id: 'après', title: 'Après' })).status).toBe(202);
    expect(await hands.messages('ada', 3)).toHaveLength(3);
  } finally {
    await appservice.stop();
  }
});
