import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestEvent } from '../../appservice/desk/event.ts';
import { isWhole } from '../../appservice/store/awaiting.ts';
import { emptyWork } from '../../appservice/store/empty.ts';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { until } from '../support/guarded.ts';
import { type HookEvent, postEvents } from '../support/hook.ts';
import { type MatrixBed, type Person, startMatrixBed } from '../support/matrix-bed.ts';
import { desk } from '../support/desk-command.ts';
import { dumpRecord, dumpWork, type WorkDump } from '../support/rebuild-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;
let claire: Person;
let before: WorkDump;

const CLAIRE = { mail: 'claire.morel@ville-claire.example' };
const MARC = { mail: 'marc.roche@ville-claire.example' };
const NOBODY = { mail: 'personne@ville-claire.example' };
const DESKS = ['claire.morel', 'marc.roche'];
const start = Date.now() - 3_600_000;
const sent: HookEvent[] = [];

/** An event at a minute after the start; the same object and minute is the same event. */
function event(
  key: string,
  minute: number,
  { to = [CLAIRE], op, ...item }: { to?: object[]; op?: 'close' } & Record<string, unknown> = {},
): HookEvent {
  const data = op === 'close' ? { op, item: { key } } : { op: 'upsert', item: { key, title: key, ...item }, to };
  const time = new Date(start + minute * 60_000).toISOString();
  return { specversion: '1.0', id: `${key}-${String(minute)}`, source: 'urn:gta', type: 'fr.gta.change', time, data };
}

async function post(...events: HookEvent[]): Promise<Record<string, unknown>> {
  const connection = bed.config.connections.find(({ id }) => id === 'gta');
  const url = `http://127.0.0.1:${String(bed.config.appservice.listen.port)}/hooks/gta`;
  const answer = await postEvents({ url, secret: connection?.secrets[0] ?? '' }, events);
  const body = (await answer.json()) as Record<string, unknown>;
  expect([answer.status, body]).toEqual([202, body]);
  return body;
}

const whole = async (): Promise<void> => {
  expect(await until(async () => ((await isWhole(bed.store)) ? true : undefined), { everyMs: 100 })).toBe(true);
};

const roomOf = (agent: string): Promise<string> => hands.room(`desk:ville-claire:${agent}`);
/** The messages of a desk; a homeserver adds their age. */
const messages = async (agent: string) =>
  (await hands.timeline(await roomOf(agent)))
    .filter(({ type }) => type === 'm.room.message')
    .map(({ event_id, content }) => ({ event_id, content }));
const said = async () => Promise.all(DESKS.map((agent) => messages(agent)));

/** The id of the first message of an object. */
async function card(agent: string, key: string): Promise<string> {
  const row = await bed.store
    .selectFrom('work.placements')
    .select('event_id')
    .where('agent', '=', agent)
    .where('key', '=', `gta:gta:${key}`)
    .executeTakeFirst();
  return row?.event_id ?? '';
}

const settled = ({ deliveries, items, ...rest }: WorkDump): object => ({
  ...rest,
  items: items.map((row) => ({ ...row, content: undefined })),
  deliveries: deliveries.filter((row) => row['id'] !== 'objet-1-15'),
});

let txn = 0;
async function say(type: string, content: unknown): Promise<string> {
  const path = `/rooms/${encodeURIComponent(await roomOf('claire.morel'))}/send/${type}/r${String((txn += 1))}`;
  const { status, body } = await claire.call('PUT', path, content);
  expect(status).toBe(200);
  return String(body.event_id);
}
const act = (action: string, items: string[], input?: Record<string, unknown>): Promise<string> =>
  say('fr.ecritoire.action', requestEvent({ items, action, askedAt: Date.now(), ...(input && { input }) }).content);

async function handled(id: string): Promise<void> {
  const read = async (): Promise<true | undefined> => {
    const row = await bed.store.selectFrom('work.inbox').select('handled_at').where('event_id', '=', id).executeTakeFirst();
    return row?.handled_at == null ? undefined : true;
  };
  expect(await until(read, { everyMs: 50 })).toBe(true);
}

beforeAll(async () => {
  bed = await startMatrixBed('rebuild');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
  for (let number = 1; number <= 8; number += 1)
    sent.push(event(`objet-${String(number)}`, number, { dueAt: `2026-12-0${String(number)}` }));
  sent.push(event('ensemble', 10, { to: [CLAIRE, MARC], severity: 'urgent' }), event('inconnu', 11, { to: [NOBODY] }));
  await post(...sent);
  await hands.messages('claire.morel', 9);
  await hands.drained();
  const changes = [
    event('objet-1', 20, { title: 'Objet 1, changé' }),
    event('objet-2', 20, { op: 'close' }),
    event('objet-3', 20, { to: [MARC] }),
    event('ensemble', 20, { to: [CLAIRE, MARC], title: 'Ensemble, changé' }),
  ];
  sent.push(...changes);
  await post(...changes);
  await hands.drained();
  await hands.drained();
  claire = await bed.signIn('claire.morel');
  await claire.call('POST', `/rooms/${encodeURIComponent(await roomOf('claire.morel'))}/join`, {});
  await act('desk.aside', [await card('claire.morel', 'objet-4')]);
  await act('desk.snooze', [await card('claire.morel', 'objet-5')], { onChange: true });
  await act('desk.note', [await card('claire.morel', 'objet-6')], { text: 'à relire' });
  await act('desk.pin', [await card('claire.morel', 'objet-7'), await card('claire.morel', 'objet-6')]);
  const regretted = await act('desk.aside', [await card('claire.morel', 'objet-8')]);
  await handled(regretted);
  await claire.call('PUT', `/rooms/${encodeURIComponent(await roomOf('claire.morel'))}/redact/${encodeURIComponent(regretted)}/x1`, {});
  await handled(await act('desk.seen', [await card('claire.morel', 'objet-1')]));
  await hands.drained();
  await whole();
  before = await dumpWork(bed.store);
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

describe('a store that lost its working copy', () => {
  test('has the same rooms, items, placements, triage, indicators and deliveries again, and says nothing twice', async () => {
    const cards = await said();
    const record = await sql`select * from record.requests order by seq`.execute(bed.store);
    expect(await emptyWork(bed.store)).toBe(true);
    await whole();
    await hands.drained();
    expect(await dumpWork(bed.store)).toEqual(before);
    expect(before.placements).toHaveLength(11);
    expect(await post(...sent)).toMatchObject({ accepted: 0, duplicates: sent.length });
    await hands.drained();
    expect(await said()).toEqual(cards);
    expect((await sql`select * from record.requests order by seq`.execute(bed.store)).rows).toEqual(record.rows);
    expect(await dumpWork(bed.store)).toEqual(before);
  });

  test('keeps what is accepted while no room is known: newer is an edit, older is nothing, a close closes the card', async () => {
    await appservice.stop();
    expect(await emptyWork(bed.store)).toBe(true);
    const held = await startAppservice(bed, { killAt: 'rebuild.found' });
    expect(await held.ended()).toBe('SIGKILL');
    appservice = await startAppservice(bed);
    await appservice.ready();
    const cards = await said();
    // The rebuild goes on beside these.
    await post(
      event('objet-1', 15, { title: 'Trop tard' }),
      event('objet-4', 30, { title: 'Objet 4, changé' }),
      event('objet-7', 30, { op: 'close' }),
      event('ensemble', 30, { to: [MARC], title: 'Pour Marc seul' }),
    );
    await whole();
    await hands.drained();
    const more = await said();
    const [hers = [], his = []] = more.map((list, index) => list.slice(cards[index]?.length));
    expect(hers.map(({ content }) => content['m.relates_to'])).toEqual(
      expect.arrayContaining(
        await Promise.all(
          ['objet-4', 'objet-7', 'ensemble'].map(async (key) => ({ rel_type: 'm.replace', event_id: await card('claire.morel', key) })),
        ),
      ),
    );
    expect(hers).toHaveLength(3);
    expect(his).toHaveLength(1);
    const states = await bed.store
      .selectFrom('work.placements')
      .select(['key', 'state', 'revision', 'addressed', 'aside_at'])
      .where('agent', '=', 'claire.morel')
      .execute();
    const of = (key: string) => states.find((row) => row.key === `gta:gta:${key}`);
    expect(of('objet-1')).toMatchObject({ revision: start + 20 * 60_000 });
    expect(of('objet-4')).toMatchObject({ revision: start + 30 * 60_000, addressed: true });
    expect(of('objet-4')?.aside_at).not.toBeNull();
    expect(of('objet-7')).toMatchObject({ state: 'done' });
    expect(of('ensemble')).toMatchObject({ state: 'cancelled', addressed: false });
    before = await dumpWork(bed.store);
  });

  test('killed between two rooms, goes on where it was; a dropped schema is made again', async () => {
    await appservice.stop();
    await sql`drop schema work cascade`.execute(bed.store);
    for (const step of ['rebuild.read', 'rebuild.written:1', 'rebuild.read:1']) {
      const killed = await startAppservice(bed, { killAt: step });
      expect(await killed.ended()).toBe('SIGKILL');
    }
    const [one, two] = [await startAppservice(bed), await startAppservice(bed)];
    await one.ready();
    await whole();
    await hands.drained();
    await two.stop();
    appservice = one;
    // A late delivery stands in no room, and needs no place: it is late again. What a close was about is known better now.
    expect(settled(await dumpWork(bed.store))).toEqual(settled(before));
    expect(await post(event('objet-1', 15, { title: 'Trop tard' }))).toMatchObject({ accepted: 0, ignored: 1 });
  });

  test('handles what was asked meanwhile, once, in room order', async () => {
    await appservice.stop();
    const request = await act('desk.aside', [await card('claire.morel', 'objet-6')]);
    expect(await emptyWork(bed.store)).toBe(true);
    appservice = await startAppservice(bed);
    await appservice.ready();
    await whole();
    await handled(request);
    await hands.drained();
    const row = await bed.store.selectFrom('work.placements').selectAll().where('key', '=', 'gta:gta:objet-6').executeTakeFirstOrThrow();
    expect([row.aside_at !== null, row.note]).toEqual([true, 'à relire']);
    const outcomes = (await hands.timeline(await roomOf('claire.morel'))).filter(({ content }) => content.request === request);
    expect(outcomes).toHaveLength(1);
  });

  test('loses nothing of both halves over a backup, an empty database, a restore and a rebuild by the operator', async () => {
    await appservice.stop();
    const file = join(bed.folder, 'record.gz');
    const config = ['--config', bed.config.file];
    const kept = { record: await dumpRecord(bed.store), work: await dumpWork(bed.store), said: await said() };
    expect(await desk('backup', ...config, '--out', file)).toMatchObject({ code: 0, errors: '' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const refused = await desk('restore', ...config, '--in', file);
    expect([refused.code, refused.errors]).toEqual([1, expect.stringContaining('--force')]);
    await sql`drop schema work cascade`.execute(bed.store);
    await sql`drop schema record cascade`.execute(bed.store);
    await sql`drop table public.kysely_migration, public.kysely_migration_lock`.execute(bed.store);
    const whole = await readFile(file);
    await writeFile(`${file}.cut`, gzipSync(gunzipSync(whole).subarray(0, -40)));
    expect(await desk('restore', ...config, '--in', `${file}.cut`)).toMatchObject({ code: 1 });
    expect(await desk('restore', ...config, '--in', file)).toMatchObject({ code: 0, errors: '' });
    expect(await dumpRecord(bed.store)).toEqual(kept.record);
    const rebuilt = await desk('rebuild', ...config);
    expect([rebuilt.code, rebuilt.out]).toEqual([0, expect.stringContaining('entière')]);
    expect(await dumpWork(bed.store)).toEqual(kept.work);
    appservice = await startAppservice(bed);
    await appservice.ready();
    await hands.drained();
    expect(await said()).toEqual(kept.said);
  });
});
