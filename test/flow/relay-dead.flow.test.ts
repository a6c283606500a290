import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { MatrixEvent } from '../../appservice/desk/event.ts';
import { countDead, listDead, replayDead } from '../../appservice/store/dead.ts';
import { enqueue, measureOutbox, noticeRow } from '../../appservice/store/outbox.ts';
import { until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let relay: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('dead');
  relay = new RelayBed(bed);
  relay.start();
});

afterEach(() => {
  bed.proxy.fault = () => undefined;
});

afterAll(async () => {
  await relay.stop();
  await bed.stop();
});

const WHO = '@marc.roche:desk.localhost';
const TOO_LARGE = { status: 413, body: '<h1>Too large</h1>' };
const titles = (events: readonly MatrixEvent[]): (string | undefined)[] =>
  events.map(({ content }) => /Objet \d+( bis)?/.exec(String(content.body))?.[0]);

/** Refuses the next `count` messages that say `what`, anywhere. */
function refuse(what: string, count: number): void {
  let left = count;
  bed.proxy.fault = ({ path, body }) =>
    path.includes('/send/m.room.message/') && body.includes(what) && (left -= 1) >= 0 ? TOO_LARGE : undefined;
}

async function accept(agent: string, id: string, title: string): Promise<void> {
  await relay.accept(agent, { id: `${agent}/${id}`, title });
}

async function deadOf(agent: string, count: number) {
  const found = async () => {
    const rows = (await listDead(bed.store, { organisation: 'ville-claire' })).filter(({ address }) => address.endsWith(`:${agent}`));
    return rows.length >= count ? rows : undefined;
  };
  return (await until(found)) ?? [];
}

test('a dead row is listed with its reason and its connection, and a replay brings it into the room under a new row id, once', async () => {
  refuse('Objet 1', 1);
  await accept('zoe.rose', '1', 'Objet 1');
  await accept('zoe.rose', '2', 'Objet 2');
  const [row] = await deadOf('zoe.rose', 1);
  expect(row).toMatchObject({ connection: 'gta', organisation: 'ville-claire', kind: 'item', reason: '413' });
  expect(await listDead(bed.store, { organisation: 'rivebelle' })).toEqual([]);
  expect(await countDead(bed.store, { connection: 'gta' })).toBe(1);
  expect(await countDead(bed.store, { connection: 'parapheur' })).toBe(0);
  const ids = [row?.id ?? ''];
  const [replayed] = await replayDead(bed.store, { ids }, { who: WHO });
  expect(replayed).toMatchObject({ id: row?.id, as: expect.any(String) as string });
  expect(await replayDead(bed.store, { ids }, { who: WHO })).toEqual([]);
  await relay.drained();
  const messages = await relay.messages('zoe.rose', 2);
  expect(titles(messages)).toEqual(['Objet 2', 'Objet 1']);
  expect(messages[1]?.content['fr.ecritoire.row']).toBe(replayed?.as);
  expect((await measureOutbox(bed.store)).dead).toBe(0);
  const audit = await bed.store.selectFrom('record.audit').selectAll().where('what', '=', 'dead.replayed').execute();
  expect(audit).toHaveLength(1);
  expect(audit[0]).toMatchObject({
    who: WHO,
    subject: row?.id,
    organisation: 'ville-claire',
    details: { as: replayed?.as, reason: '413' },
  });
});

test('a replay says what stands now, and nothing when the room was told of it since', async () => {
  refuse('Objet 1', 1);
  await accept('ali.noir', '1', 'Objet 1');
  await deadOf('ali.noir', 1);
  await accept('ali.noir', '1', 'Objet 1 bis');
  await relay.drained();
  const told = await replayDead(bed.store, { organisation: 'ville-claire' }, { who: WHO });
  expect(told.map(({ as }) => as)).toEqual([null]);
  await relay.drained();
  const messages = await relay.messages('ali.noir', 1);
  expect(titles(messages)).toEqual(['Objet 1 bis']);
  expect(messages[0]?.content['m.relates_to']).toBeUndefined();
});

test('two dead rows of one placement are one message when they are replayed', async () => {
  refuse('Objet 3', 2);
  await accept('eva.gris', '3', 'Objet 3');
  await deadOf('eva.gris', 1);
  await accept('eva.gris', '3', 'Objet 3 bis');
  const rows = await deadOf('eva.gris', 2);
  const told = await replayDead(bed.store, { ids: rows.map(({ id }) => id) }, { who: WHO });
  expect(told.map(({ as }) => as === null)).toEqual([false, true]);
  await relay.drained();
  expect(titles(await relay.messages('eva.gris', 1))).toEqual(['Objet 3 bis']);
});

test('a sentence is replayed with its own words and names its new row', async () => {
  refuse('Bonjour', 1);
  await enqueue(bed.store, [noticeRow('platform', 'essai', 'Bonjour')]);
  const listed = async () => (await listDead(bed.store)).find(({ address }) => address === 'platform');
  const row = await until(listed);
  expect(row).toMatchObject({ organisation: null, connection: null, kind: 'notice' });
  const [replayed] = await replayDead(bed.store, { ids: [row?.id ?? ''] }, { who: WHO });
  await relay.drained();
  const said = (await relay.timeline(await relay.room('platform'))).find(({ content }) => content.body === 'Bonjour');
  expect(said?.content['fr.ecritoire.row']).toBe(replayed?.as);
  expect(replayed?.as).not.toBe(row?.id);
});
