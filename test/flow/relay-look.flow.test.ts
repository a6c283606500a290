import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DEVICE } from '../../appservice/matrix/names.ts';
import { until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('look');
  hands = new RelayBed(bed);
});

afterEach(() => {
  bed.proxy.fault = () => undefined;
});

afterAll(async () => {
  await hands.stop();
  await bed.stop();
});

const GTA = '@ecritoire_gta:desk.localhost';
const ids = async (agent: string, count: number) => (await hands.messages(agent, count)).map(({ content }) => content['fr.ecritoire.row']);

/** A relay whose next message reaches the room, but its answer is lost; then it stops. */
async function sendAndLose(): Promise<void> {
  let sent = 0;
  bed.proxy.fault = ({ path }) => (path.includes('/send/m.room.message/') ? ((sent += 1) === 1 ? 'lost' : 'cut') : undefined);
  await withRelay(async () => {
    await until(() => Promise.resolve(sent > 1 ? true : undefined));
  });
  bed.proxy.fault = () => undefined;
}

async function withRelay(work: (relay: RelayBed) => Promise<void>): Promise<void> {
  const relay = new RelayBed(bed);
  relay.start();
  try {
    await work(relay);
  } finally {
    await relay.stop();
  }
}

/** What Synapse remembers of transactions in its process and by device; after this it knows none. */
async function forgetTransactions(): Promise<void> {
  const path = `/_matrix/client/v3/devices/${DEVICE}`;
  expect(await hands.matrix.client.call('DELETE', path, { as: GTA, body: {} })).toMatchObject({ status: 200 });
  await bed.killSynapse();
  await bed.restartSynapse();
}

const runUntilDrained = (): Promise<void> => withRelay((relay) => relay.drained());

test('a message that was sent but not marked is found in its room when the homeserver has forgotten its transaction', async () => {
  await hands.accept('claire.morel', { id: 'un', title: 'Objet 1' });
  await hands.accept('claire.morel', { id: 'deux', title: 'Objet 2' });
  await sendAndLose();
  await forgetTransactions();
  await runUntilDrained();
  const rows = await bed.store.selectFrom('work.outbox').select(['id', 'event_id']).where('kind', '=', 'item').orderBy('seq').execute();
  expect(await ids('claire.morel', 2)).toEqual(rows.map(({ id }) => id));
  expect((await hands.messages('claire.morel', 2)).map(({ event_id }) => event_id)).toEqual(rows.map(({ event_id }) => event_id));
});

test('so is an edit', async () => {
  await hands.accept('claire.morel', { id: 'un', title: 'Objet 1 bis' });
  await sendAndLose();
  await forgetTransactions();
  await runUntilDrained();
  const messages = await hands.messages('claire.morel', 3);
  expect(messages.map(({ content }) => (content['m.relates_to'] === undefined ? 'first' : 'edit'))).toEqual(['first', 'first', 'edit']);
});

test('a message by somebody else that names the row is not taken for it', async () => {
  await hands.accept('anne.petit', { id: 'avant', title: 'Objet 1' });
  await runUntilDrained();
  const room = await hands.room('desk:ville-claire:anne.petit');
  const anne = await bed.signIn('anne.petit');
  await anne.call('POST', `/rooms/${encodeURIComponent(room)}/join`, {});
  await hands.accept('anne.petit', { id: 'vrai', title: 'Objet 2' });
  bed.proxy.fault = ({ path }) => (path.includes('/send/m.room.message/') ? { status: 503, body: '' } : undefined);
  await withRelay(async (relay) => {
    const claimed = await until(() =>
      bed.store.selectFrom('work.outbox').select('id').where('sent_at', 'is', null).where('attempts', '>', 0).executeTakeFirst(),
    );
    const forged = { msgtype: 'm.text', body: 'faux', 'fr.ecritoire.row': claimed?.id };
    expect((await anne.call('PUT', `/rooms/${encodeURIComponent(room)}/send/m.room.message/1`, forged)).status).toBe(200);
    bed.proxy.fault = () => undefined;
    await relay.drained();
    expect((await relay.messages('anne.petit', 3)).map(({ sender }) => sender)).toEqual([GTA, anne.mxid, GTA]);
  });
});
