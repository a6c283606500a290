import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { requestEvent } from '../../appservice/desk/event.ts';
import type { PlacementRow } from '../../appservice/store/placements.ts';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { until } from '../support/guarded.ts';
import { type MatrixBed, type Person, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

beforeAll(async () => {
  bed = await startMatrixBed('gaps');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
  await hands.accept('agente.0', { title: 'La première' });
  await hands.messages('agente.0', 1);
  // The bot that came with it looks from here on where the stream is.
  expect(await until(async () => ((await hands.matrix.gaps.fill()) === 0 ? true : undefined))).toBe(true);
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

let number = 0;
let agent: Person;
let room: string;
let key: string;
let message: string;

beforeEach(async () => {
  const localpart = `agente.${String((number += 1))}`;
  key = await hands.accept(localpart, { title: 'Demande', actions: [{ id: 'valider', label: 'Valider', risk: 'amber' }] });
  message = (await hands.messages(localpart, 1))[0]?.event_id ?? '';
  room = await hands.room(`desk:ville-claire:${localpart}`);
  agent = await bed.signIn(localpart);
  expect((await agent.call('POST', `/rooms/${encodeURIComponent(room)}/join`, {})).status).toBe(200);
});

let txn = 0;

async function send(type: string, content: unknown): Promise<string> {
  const { status, body } = await agent.call('PUT', `/rooms/${encodeURIComponent(room)}/send/${type}/g${String((txn += 1))}`, content);
  expect(status).toBe(200);
  return String(body.event_id);
}

const react = (symbol: string): Promise<string> =>
  send('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: message, key: symbol } });
const act = (action: string, more: { askedAt?: number; input?: Record<string, unknown> } = {}): Promise<string> =>
  send('fr.ecritoire.action', requestEvent({ items: [message], action, askedAt: Date.now(), ...more }).content);

/** Whatever the homeserver sends now is answered as if we had it, and is lost: until it sent the last event that `run` made. */
async function lose(run: () => Promise<string>): Promise<void> {
  let lost = '';
  bed.door.fault = ({ path, body }) => {
    if (!path.includes('/transactions/')) return undefined;
    lost += body;
    return { status: 200, body: '{}' };
  };
  const last = await run();
  expect(await until(() => Promise.resolve(lost.includes(last) ? true : undefined))).toBe(true);
  bed.door.fault = () => undefined;
}

async function handled(eventId: string): Promise<void> {
  const read = async (): Promise<true | undefined> => {
    const row = await bed.store.selectFrom('work.inbox').select('handled_at').where('event_id', '=', eventId).executeTakeFirst();
    return row?.handled_at == null ? undefined : true;
  };
  expect(await until(read, { everyMs: 50 })).toBe(true);
}

const placement = (): Promise<PlacementRow> =>
  bed.store.selectFrom('work.placements').selectAll().where('key', '=', key).executeTakeFirstOrThrow();

async function outcomesOf(request: string): Promise<unknown[]> {
  await hands.drained();
  return (await hands.timeline(room)).filter(
    ({ content }) => JSON.stringify(content['m.relates_to'] ?? {}).includes(request) && JSON.stringify(content).includes('outcome'),
  );
}

const isIn = async (eventId: string): Promise<boolean> =>
  (await bed.store.selectFrom('work.inbox').select('seq').where('event_id', '=', eventId).executeTakeFirst()) !== undefined;

async function restart(): Promise<void> {
  await appservice.kill();
  appservice = await startAppservice(bed);
  await appservice.ready();
}

describe('a transaction that was lost on its way', () => {
  test('is found at the next start: its reaction is carried out, once', async () => {
    let reaction = '';
    await lose(async () => (reaction = await react('✅')));
    expect(await isIn(reaction)).toBe(false);
    await restart();
    await handled(reaction);
    expect((await placement()).aside_at).not.toBeNull();
    expect(await outcomesOf(reaction)).toHaveLength(1);
    await restart();
    expect(await outcomesOf(reaction)).toHaveLength(1);
  });

  test('is found when the homeserver reaches us again after a failure, without a start', async () => {
    let reaction = '';
    await lose(async () => (reaction = await react('✅')));
    bed.proxy.fault = ({ path }) => (path.includes('/ping') ? { status: 502, body: '<html>' } : undefined);
    const failed = (): Promise<true | undefined> => Promise.resolve(bed.proxy.seen.at(-1)?.path.includes('/ping') ? true : undefined);
    expect(await until(failed, { everyMs: 20 })).toBe(true);
    bed.proxy.fault = () => undefined;
    await handled(reaction);
    expect((await placement()).aside_at).not.toBeNull();
  });

  test('takes its place in the order of the room, however late it is found', async () => {
    let first = '';
    await lose(async () => (first = await act('desk.note', { input: { text: 'avant' } })));
    const second = await act('desk.note', { input: { text: 'après' } });
    await handled(second);
    expect(await isIn(first)).toBe(false);
    await restart();
    await handled(first);
    expect((await placement()).note).toBe('après');
    const { rows } = await readOrder();
    expect(rows).toEqual([first, second]);
  });

  test('behind more events than one answer holds is found as well', async () => {
    let reaction = '';
    await lose(async () => {
      reaction = await react('✅');
      let last = reaction;
      for (let count = 0; count < 30; count += 1) last = await send('m.room.message', { msgtype: 'm.text', body: String(count) });
      return last;
    });
    await restart();
    await handled(reaction);
    const events = await bed.store
      .selectFrom('work.inbox')
      .select('event_id')
      .where('room_id', '=', room)
      .where('txn', '=', 'found')
      .execute();
    expect(events.length).toBeGreaterThanOrEqual(31);
  });

  async function readOrder(): Promise<{ rows: string[] }> {
    const rows = await bed.store.selectFrom('record.requests').select(['event_id', 'seq', 'place']).where('room_id', '=', room).execute();
    return { rows: rows.sort((a, b) => (a.place ?? a.seq) - (b.place ?? b.seq)).map((row) => row.event_id) };
  }
});

describe('requests made while we were down', () => {
  test('are carried out when we are back, one at a time after a back-off, in their order', async () => {
    await appservice.kill();
    const asked: string[] = [];
    for (let count = 0; count < 12; count += 1) asked.push(await act('desk.note', { input: { text: `note ${String(count)}` } }));
    appservice = await startAppservice(bed);
    await appservice.ready();
    await handled(asked.at(-1) ?? '');
    expect((await placement()).note).toBe('note 11');
    for (const request of asked) expect(await outcomesOf(request)).toHaveLength(1);
  });

  test('for a tool are refused with a sentence when they are older than a quarter of an hour; triage is not', async () => {
    await appservice.kill();
    const old = Date.now() - 20 * 60_000;
    const aside = await act('desk.aside', { askedAt: old });
    const sign = await act('valider', { askedAt: old });
    const forged = await act('valider', { askedAt: Date.now() + 86_400_000 });
    appservice = await startAppservice(bed);
    await appservice.ready();
    await handled(forged);
    expect((await placement()).aside_at).not.toBeNull();
    expect(await outcomesOf(aside)).toHaveLength(1);
    const [said] = (await outcomesOf(sign)) as { content: { body: string } }[];
    expect(said?.content.body).toMatch(
      /^Demande refusée\u00a0: «\u00a0Valider\u00a0» a été demandé .+, il y a plus de 15\u00a0minutes\. Rien n’a été fait dans Congés\u202f?\u00a0?; demandez-le de nouveau\.$/,
    );
    const [other] = (await outcomesOf(forged)) as { content: { body: string } }[];
    expect(other?.content.body).not.toContain('15');
  });
});

test('a transaction id that comes again with other events skips nothing', async () => {
  await appservice.kill();
  const reaction = await react('✅');
  const { hsToken } = bed.config.appservice;
  appservice = await startAppservice(bed);
  await appservice.ready();
  await handled(reaction);
  const kept = await bed.store.selectFrom('work.inbox').selectAll().where('event_id', '=', reaction).executeTakeFirstOrThrow();
  // As a restored homeserver does it: its ids start again, what is under them is new.
  const again = {
    ...kept.event,
    event_id: '$undone',
    content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: message, key: '↩' } },
  };
  const answer = await fetch(`${bed.door.url}/_matrix/app/v1/transactions/${kept.txn}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${hsToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: [kept.event, again] }),
  });
  expect(answer.status).toBe(200);
  await handled('$undone');
  expect((await placement()).aside_at).toBeNull();
});
