import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MatrixEvent } from '../../appservice/desk/event.ts';
import { newRowId } from '../../appservice/store/outbox.ts';
import { pause, until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let relay: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('relay');
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

const bodyOf = (event: MatrixEvent | undefined): string => String(event?.content.body);
const isSend = (path: string, roomId?: string): boolean =>
  path.includes('/send/m.room.message/') && (roomId === undefined || path.includes(encodeURIComponent(roomId)));
const numbered = (events: readonly MatrixEvent[]): number[] => events.map((event) => Number(/Objet (\d+)/.exec(bodyOf(event))?.[1]));
const upTo = (count: number): number[] => Array.from({ length: count }, (_one, index) => index + 1);

async function acceptMany(agent: string, count: number): Promise<void> {
  for (const number of upTo(count)) await relay.accept(agent, { id: `${agent}/${String(number)}`, title: `Objet ${String(number)}` });
}

describe('an accepted item', () => {
  test('is a message in its agent’s desk room, by the tool’s bot, with its sentence and its row', async () => {
    const key = await relay.accept('claire.morel', { title: 'Demande de congé à valider' });
    const [message] = await relay.messages('claire.morel', 1);
    expect(message?.sender).toBe('@ecritoire_gta:desk.localhost');
    expect(bodyOf(message)).toContain('Demande de congé à valider');
    expect(message?.content['fr.ecritoire.item']).toMatchObject({ key });
    await relay.drained();
    const row = await bed.store.selectFrom('work.outbox').selectAll().where('subject', '=', key).executeTakeFirstOrThrow();
    expect(message?.content['fr.ecritoire.row']).toBe(row.id);
    expect(row.event_id).toBe(message?.event_id);
  });

  test('that changes is edited in place, and notifies again only when it became urgent', async () => {
    const id = 'demande/edit';
    await relay.accept('anne.petit', { id, title: 'Avant' });
    const [first] = await relay.messages('anne.petit', 1);
    await relay.drained();
    await relay.accept('anne.petit', { id, title: 'Après' });
    await relay.drained();
    await relay.accept('anne.petit', { id, title: 'Après', severity: 'urgent' });
    await relay.drained();
    const [, calm, urgent] = await relay.messages('anne.petit', 3);
    for (const edit of [calm, urgent]) expect(edit?.content['m.relates_to']).toEqual({ rel_type: 'm.replace', event_id: first?.event_id });
    expect(calm?.content['m.mentions']).toEqual({});
    expect(urgent?.content['m.mentions']).toEqual({ user_ids: ['@anne.petit:desk.localhost'] });
  });

  test('closed before its first message never appears', async () => {
    bed.proxy.fault = ({ path }) => (path.includes('createRoom') ? { status: 503, body: '' } : undefined);
    await relay.accept('luc.noir', { id: 'clos', title: 'Objet 1' });
    await relay.accept('luc.noir', { id: 'clos', title: 'Objet 1', state: 'done' });
    await relay.accept('luc.noir', { title: 'Objet 2' });
    bed.proxy.fault = () => undefined;
    await relay.drained();
    expect(numbered(await relay.messages('luc.noir', 1)).includes(2)).toBe(true);
  });
});

describe('order and repetition', () => {
  test('rows of one room arrive in the order they were accepted', async () => {
    await acceptMany('paul.vidal', 30);
    expect(numbered(await relay.messages('paul.vidal', 30))).toEqual(upTo(30));
  });

  test('two replicas on one store share the work: nothing lost, nothing twice, nothing out of order', async () => {
    const other = new RelayBed(bed);
    other.start();
    try {
      await Promise.all(['a.un', 'b.deux', 'c.trois', 'd.quatre'].map((agent) => acceptMany(agent, 12)));
      for (const agent of ['a.un', 'b.deux', 'c.trois', 'd.quatre']) expect(numbered(await relay.messages(agent, 12))).toEqual(upTo(12));
      await relay.drained();
    } finally {
      await other.stop();
    }
  });

  test('the same transaction id twice is one event, before and after a restart of the homeserver', async () => {
    const roomId = await relay.matrix.ensureRoom('desk:ville-claire:rene.blanc');
    const sending = {
      roomId,
      sender: 'ecritoire_desk',
      id: newRowId(),
      frozen: { type: 'm.room.message', content: { msgtype: 'm.text', body: 'une fois' } },
    };
    const first = await relay.matrix.send(sending);
    expect(await relay.matrix.send(sending)).toEqual(first);
    await bed.killSynapse();
    await bed.restartSynapse();
    expect(await relay.matrix.send(sending)).toEqual(first);
    expect((await relay.timeline(roomId)).filter((event) => bodyOf(event) === 'une fois')).toHaveLength(1);
  });
});

describe('a homeserver that hesitates', () => {
  test('with 429 is left alone as long as it says, in that room only', async () => {
    for (const agent of ['eve.gris', 'hugo.vert']) {
      await relay.accept(agent, { title: 'Objet 0' });
      await relay.messages(agent, 1);
    }
    await relay.drained();
    const roomId = await relay.room('desk:ville-claire:eve.gris');
    let limitedAt = 0;
    bed.proxy.fault = ({ path }) => {
      if (limitedAt > 0 || !isSend(path, roomId)) return undefined;
      limitedAt = Date.now();
      return {
        status: 429,
        headers: { 'retry-after': '10', 'content-type': 'application/json' },
        body: '{"errcode":"M_LIMIT_EXCEEDED","error":"slow down"}',
      };
    };
    await relay.accept('eve.gris', { title: 'Objet 1' });
    await until(() => Promise.resolve(limitedAt > 0 ? true : undefined));
    await relay.accept('eve.gris', { title: 'Objet 2' });
    await relay.accept('hugo.vert', { title: 'Objet 1' });
    const [, elsewhere] = await relay.messages('hugo.vert', 2);
    expect(numbered(await relay.messages('eve.gris', 3))).toEqual([0, 1, 2]);
    const again = Math.min(...bed.proxy.seen.flatMap(({ path, at }) => (isSend(path, roomId) && at > limitedAt ? [at] : [])));
    expect(again - limitedAt).toBeGreaterThanOrEqual(9900);
    expect(elsewhere?.origin_server_ts).toBeLessThan(again);
  });

  test.each([
    ['answers 503', { status: 503, headers: { 'content-type': 'text/html' }, body: '<h1>Service Unavailable</h1>' }],
    [
      'answers 200 with a page that is no Matrix answer',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Welcome</h1>' },
    ],
    ['cuts the connection', 'cut'],
    ['takes the message but loses the answer', 'lost'],
  ] as const)('and %s gets each message exactly once, in order', async (said, fault) => {
    const agent = `agent.${String(said.length)}`;
    await relay.accept(agent, { title: 'Objet 1' });
    await relay.messages(agent, 1);
    let left = 3;
    bed.proxy.fault = ({ path }) => (isSend(path) && (left -= 1) >= 0 ? fault : undefined);
    for (const number of [2, 3, 4]) await relay.accept(agent, { title: `Objet ${String(number)}` });
    expect(numbered(await relay.messages(agent, 4))).toEqual([1, 2, 3, 4]);
    expect(left).toBeLessThan(1);
    await relay.drained();
    expect(numbered(await relay.messages(agent, 4))).toEqual([1, 2, 3, 4]);
  });

  test('or is gone for a while gets everything when it is back', async () => {
    await relay.accept('iris.bleu', { title: 'Objet 1' });
    await relay.messages('iris.bleu', 1);
    await bed.killSynapse();
    for (const number of [2, 3, 4, 5]) await relay.accept('iris.bleu', { title: `Objet ${String(number)}` });
    await pause(3000);
    await bed.restartSynapse();
    expect(numbered(await relay.messages('iris.bleu', 5))).toEqual([1, 2, 3, 4, 5]);
    await relay.drained();
  });
});

describe('a row that is refused for good', () => {
  test('is buried with a sentence for the admins, and the room goes on', async () => {
    await relay.accept('zoe.rose', { title: 'Objet 1' });
    await relay.messages('zoe.rose', 1);
    let left = 1;
    bed.proxy.fault = ({ path }) => (isSend(path) && (left -= 1) >= 0 ? { status: 413, body: '<h1>Too large</h1>' } : undefined);
    const refused = await relay.accept('zoe.rose', { title: 'Objet 2' });
    await relay.accept('zoe.rose', { title: 'Objet 3' });
    expect(numbered(await relay.messages('zoe.rose', 2))).toEqual([1, 3]);
    await relay.drained();
    const dead = await bed.store.selectFrom('work.outbox').select(['subject', 'dead_reason']).where('dead_at', 'is not', null).execute();
    expect(dead).toEqual([{ subject: refused, dead_reason: '413' }]);
    const said = await relay.timeline(await relay.room('admin:ville-claire'));
    expect(said.map(bodyOf).filter((body) => body.includes('refusé'))).toEqual([
      '«\u00a0Congés\u00a0» (gta)\u00a0: un message a été refusé pour de bon par le serveur Matrix (413). Le bureau concerné continue\u202f; le message est gardé.',
    ]);
    // The next change of the object becomes its first message.
    await relay.accept('zoe.rose', { id: refused.split(':')[2] ?? '', title: 'Objet 4' });
    const messages = await relay.messages('zoe.rose', 3);
    expect(numbered(messages)).toEqual([1, 3, 4]);
    expect(messages[2]?.content['m.relates_to']).toBeUndefined();
  });

  test('because the bot was put out of the room is sent after it was brought back', async () => {
    await relay.accept('noe.brun', { title: 'Objet 1' });
    await relay.messages('noe.brun', 1);
    const roomId = await relay.room('desk:ville-claire:noe.brun');
    const kick = await relay.matrix.client.call('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/kick`, {
      as: '@ecritoire_desk:desk.localhost',
      body: { user_id: '@ecritoire_gta:desk.localhost' },
    });
    expect(kick.status).toBe(200);
    await relay.accept('noe.brun', { title: 'Objet 2' });
    expect(numbered(await relay.messages('noe.brun', 2))).toEqual([1, 2]);
  });
});

describe('the indicator', () => {
  test('counts what is in the room, and is not written when nothing in it changed', async () => {
    const key = await relay.accept('max.roux', { id: 'compte', title: 'Objet 1', severity: 'urgent', dueAt: '2026-12-01' });
    await relay.messages('max.roux', 1);
    await relay.drained();
    const roomId = await relay.room('desk:ville-claire:max.roux');
    expect(await relay.state(roomId, 'fr.ecritoire.tool', 'gta')).toMatchObject({
      label: 'Congés',
      counts: { open: 1, urgent: 1, undated: 0, aside: 0 },
      due: { '2026-12-01': 1 },
    });
    await relay.accept('max.roux', { id: 'compte', title: 'Autre titre', severity: 'urgent', dueAt: '2026-12-01' });
    await relay.drained();
    await relay.accept('max.roux', { id: 'compte', title: 'Autre titre', severity: 'urgent', dueAt: '2026-12-01', state: 'done' });
    await relay.drained();
    expect(await relay.state(roomId, 'fr.ecritoire.tool', 'gta')).toMatchObject({ counts: { open: 0 } });
    const written = (await relay.timeline(roomId)).filter(({ type }) => type === 'fr.ecritoire.tool');
    expect(written).toHaveLength(2);
    expect(key).toContain('compte');
  });
});
