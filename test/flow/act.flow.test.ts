import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { template } from '../../bots/_template/index.ts';
import { twin as templateTwin } from '../../bots/_template/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { verifyWebhook } from '../../bots/webhook.ts';
import type { LoadedConnection } from '../../config/load.ts';
import type { Person } from '../../appservice/desk/item.ts';
import { lockObjects } from '../../appservice/store/accept.ts';
import { claimActs, markActSent, queueActs } from '../../appservice/store/acts.ts';
import { pause, until } from '../support/guarded.ts';
import { ToolsBed } from '../support/tools-bed.ts';

const SECRET = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;

let twin: RunningTwin;
let bed: ToolsBed;
let claire: string;
let vendor: Server;
/** What the callback answers next, and the events it got. */
let answer: { status: number; body: unknown; afterMs?: number } = { status: 202, body: {} };
const events: { id: string; data: Record<string, unknown> }[] = [];

beforeAll(async () => {
  twin = await templateTwin.start();
  vendor = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = verifyWebhook({ secrets: [SECRET], headers: request.headers, body: Buffer.concat(chunks), now: Date.now() });
      events.push(JSON.parse(Buffer.from(body).toString()) as (typeof events)[number]);
      const { status, body: said, afterMs = 0 } = answer;
      setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said)), afterMs).unref();
    });
  });
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  const callback = `http://127.0.0.1:${String((vendor.address() as AddressInfo).port)}/ecritoire`;
  const gta: LoadedConnection = {
    id: 'gta',
    bot: 'gta',
    organisation: 'ville-claire',
    label: 'Congés',
    order: 'time',
    hosts: [],
    secrets: [SECRET],
    callback,
    retired: false,
  };
  bed = await ToolsBed.start([{ id: 'guichet', bot: template, twin }], [gta]);
  claire = await bed.addMember('claire');
  await bed.poller.start();
  bed.actor.start();
});
afterAll(async () => {
  await bed.stop();
  await twin.stop();
  vendor.close();
});
beforeEach(() => {
  twin.fail();
  events.length = 0;
});

/** A new request of the tool, on Claire's desk. */
async function arrived(): Promise<string> {
  const key = twin.add([claire]);
  await until(async () => ((await bed.open('claire')).includes(key) ? true : undefined));
  return key;
}

describe('an action at a tool', () => {
  test('runs once, whoever delivers the request how often, and the item closes', async () => {
    const key = await arrived();
    const before = twin.acted();
    const request = await bed.ask('claire', key, { action: 'accepter' });
    await bed.ask('claire', key, { action: 'accepter', request });
    expect((await bed.ended(request))?.state).toBe('confirmed');
    await bed.ask('claire', key, { action: 'accepter', request });
    expect(await bed.shows('claire', [])).toEqual([]);
    expect(twin.acted()).toBe(before + 1);
    const [row] = await bed.store.selectFrom('work.placements').select('content').where('key', 'like', `%:${key}`).execute();
    expect(row?.content.lastAction).toMatchObject({
      action: 'accepter',
      outcome: 'confirmed',
      by: '@claire:desk.localhost',
      byName: 'claire',
    });
  });

  test('that two processes hold, as a store that was away can make it, is said to be sent by one of them', async () => {
    const key = await arrived();
    const placed = bed.store.selectFrom('work.placements').select(['key', 'connection', 'address']).where('key', 'like', `%:${key}`);
    const { key: object, connection, address } = await placed.executeTakeFirstOrThrow();
    const asked = { request: '$held', item: `$${key}`, place: 0, key: object, connection, address, agent: 'claire', action: 'accepter' };
    const trx = await bed.store.startTransaction().execute(); // where nobody else sees it
    await queueActs(trx, [{ ...asked, revision: null, source: 'action', input: {}, askedAt: Date.now() }]);
    const [held] = await claimActs(trx, 1);
    if (held === undefined) throw new Error('nothing was claimed');
    expect(await markActSent(trx, held)).toBe('sent');
    expect(await markActSent(trx, held)).toBe('gone');
    await trx.rollback().execute();
    twin.settle(key);
  });

  test.each([
    [{ kind: 'status', status: 409, body: '{"message":"Déjà traitée"}' }, 'refused', 'Déjà traitée'],
    [{ kind: 'status', status: 403 }, 'refused', 'a refusé'],
    [{ kind: 'status', status: 500 }, 'unknown', 'Vérifiez'],
  ] as const)('%o ends as %s', async (fault, state, words) => {
    const key = await arrived();
    const before = twin.acted();
    twin.fail(fault);
    const ended = await bed.ended(await bed.ask('claire', key, { action: 'accepter' }));
    expect(ended).toMatchObject({ state, text: expect.stringContaining(words) as string });
    expect(twin.acted()).toBe(before);
    twin.fail();
    twin.settle(key);
  });

  test('stands on the card after the change of the object that is being accepted at that moment, which would write over it', async () => {
    const key = await arrived();
    const placed = bed.store.selectFrom('work.placements').select(['key', 'connection', 'content']).where('key', 'like', `%:${key}`);
    const { key: object, connection } = await placed.executeTakeFirstOrThrow();
    const accepting = await bed.store.startTransaction().execute();
    await lockObjects(accepting, [{ key: object, connection, organisation: 'ville-claire' }]);
    twin.fail({ kind: 'status', status: 409, body: '{"message":"Déjà traitée"}' });
    const request = await bed.ask('claire', key, { action: 'accepter' });
    const isSent = () => bed.store.selectFrom('record.acts').select('sent_at').where('request', '=', request).executeTakeFirst();
    await until(async () => (await isSent())?.sent_at ?? undefined);
    await pause(500);
    expect((await placed.executeTakeFirstOrThrow()).content.lastAction).toBeUndefined();
    await accepting.commit().execute();
    expect((await bed.ended(request))?.state).toBe('refused');
    expect((await placed.executeTakeFirstOrThrow()).content.lastAction).toMatchObject({ outcome: 'refused' });
    twin.fail();
    twin.settle(key);
  });

  test('whose answer is lost after it was done is confirmed by looking again, not by a second call', async () => {
    const key = await arrived();
    const before = twin.acted();
    const faults = twin.calls.length;
    twin.fail({ kind: 'hang-up' });
    const request = await bed.ask('claire', key, { action: 'accepter' });
    await until(() => Promise.resolve(twin.acted() > before ? true : undefined), { everyMs: 1 });
    twin.fail();
    expect(['confirmed', 'unknown']).toContain((await bed.ended(request))?.state);
    expect(twin.acted()).toBe(before + 1);
    expect(twin.calls.length).toBeGreaterThan(faults);
  });

  test('that a kill left after « sent » is looked at again: moved there is done, unmoved is unknown, neither is called again', async () => {
    const [moved, unmoved] = [await arrived(), await arrived()];
    const before = twin.acted();
    twin.settle(moved);
    const requests: string[] = [];
    for (const key of [moved, unmoved]) {
      const leave = { state: 'sent' as const, sent_at: new Date(), attempts: 1 };
      requests.push(await bed.ask('claire', key, { action: 'accepter', left: leave }));
    }
    expect((await bed.ended(requests[0] ?? ''))?.state).toBe('confirmed');
    expect((await bed.ended(requests[1] ?? ''))?.state).toBe('unknown');
    expect(twin.acted()).toBe(before);
    // What nobody knew is settled by the sweep that finds the object over.
    twin.settle(unmoved);
    const state = async () =>
      (
        await bed.store
          .selectFrom('record.acts')
          .select('state')
          .where('request', '=', requests[1] ?? '')
          .executeTakeFirst()
      )?.state;
    expect(await until(async () => ((await state()) === 'confirmed' ? true : undefined))).toBe(true);
    expect(twin.acted()).toBe(before);
  });

  test('that is amber is refused when it was asked long ago, when the object moved, and without its reason', async () => {
    const key = await arrived();
    const before = twin.acted();
    const input = { motif: 'pièce manquante' };
    const old = await bed.ended(await bed.ask('claire', key, { action: 'refuser', input, askedAt: Date.now() - 1_000_000 }));
    expect(old).toMatchObject({ state: 'refused', text: expect.stringContaining('15') as string });
    expect(await bed.ended(await bed.ask('claire', key, { action: 'refuser' }))).toMatchObject({
      state: 'refused',
      text: expect.stringContaining('Motif') as string,
    });
    twin.change(key);
    expect(await bed.ended(await bed.ask('claire', key, { action: 'refuser', input }))).toMatchObject({
      state: 'refused',
      text: expect.stringContaining('a changé') as string,
    });
    expect(twin.acted()).toBe(before);
    twin.settle(key);
  });

  // Last: a technical account whose log-in is refused is not tried again for a while.
  test('that meets a log-in page was not done, and says that the account is not accepted', async () => {
    const key = await arrived();
    const before = twin.acted();
    twin.fail({ kind: 'login-page' });
    const ended = await bed.ended(await bed.ask('claire', key, { action: 'accepter' }));
    expect(ended).toMatchObject({ state: 'refused', text: expect.stringContaining('n’est pas relié') as string });
    expect(twin.acted()).toBe(before);
  });
});

describe('a callback', () => {
  let number = 0;

  /** An item posted by the tool's own hook, on Claire's desk. */
  async function posted(people: readonly Person[] = []): Promise<string> {
    const key = `demande/${String((number += 1))}`;
    const actions = [{ id: 'valider', label: 'Valider', risk: 'green' as const }];
    const item = {
      key: `gta:gta:${key}`,
      revision: 1000,
      title: 'Congé',
      kind: 'absence',
      severity: 'normal' as const,
      state: 'todo' as const,
      updatedAt: '2026-11-26T09:00:00Z',
      people,
      actions,
    };
    const digest = `d-${key}`;
    const change = { op: 'upsert' as const, to: [{ kind: 'mail' as const, value: claire }], item: item as never };
    await bed.ingest.accept('gta', [
      { source: 'urn:t', id: key, key: item.key as never, revision: 1000, change, digest, contentDigest: digest },
    ]);
    return key;
  }

  test('gets a signed event, and 200 with the closed item closes it', async () => {
    const key = await posted();
    answer = { status: 200, body: { item: { key, title: 'Congé', state: 'done' } } };
    const request = await bed.ask('claire', key, { action: 'valider' });
    expect((await bed.ended(request))?.state).toBe('confirmed');
    expect(events).toMatchObject([
      { id: request, data: { request, action: 'valider', item: { key, revision: 1000 }, agent: { mail: claire } } },
    ]);
    expect(await bed.open('claire', 'gta')).toEqual([]);
  });

  test('is told for whom she acts when the object is for somebody else, and so is her card; what is not certain is not said', async () => {
    const paul = await bed.addMember('paul');
    const done = async (people: readonly Person[]): Promise<unknown[]> => {
      const key = await posted(people);
      answer = { status: 200, body: { item: { key, title: 'Congé', state: 'done' } } };
      await bed.ended(await bed.ask('claire', key, { action: 'valider' }));
      const row = await bed.store.selectFrom('work.placements').select('content').where('key', '=', `gta:gta:${key}`).executeTakeFirst();
      return [events.at(-1)?.data['onBehalfOf'], row?.content.lastAction?.onBehalfOf];
    };
    const isFor = (mail: string): Person => ({ role: 'for', mail });
    expect(await done([{ role: 'by', mail: claire }, isFor(paul.toUpperCase())])).toEqual([{ mail: paul }, '@paul:desk.localhost']);
    for (const people of [
      [isFor(claire)],
      [isFor(paul), isFor(claire)],
      [isFor('personne@ville-claire.example')],
      [isFor(paul), { role: 'for' as const, name: 'Claire' }],
    ])
      expect(await done(people)).toEqual([undefined, undefined]);
  });

  test('that answers 409 or a problem is refused in the tool’s own words; 500 is tried again under the same id', async () => {
    const key = await posted();
    answer = { status: 422, body: { detail: 'Solde insuffisant' } };
    expect(await bed.ended(await bed.ask('claire', key, { action: 'valider' }))).toMatchObject({
      state: 'refused',
      text: expect.stringContaining('Solde insuffisant') as string,
    });
    events.length = 0;
    answer = { status: 500, body: {} };
    const request = await bed.ask('claire', key, { action: 'valider' });
    await until(() => Promise.resolve(events.length > 0 ? true : undefined));
    answer = { status: 200, body: { item: { key, title: 'Congé', state: 'done' } } };
    expect((await bed.ended(request))?.state).toBe('confirmed');
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set([request]));
  });

  test.each([
    ['another object', { key: 'demande/autre', title: 'Congé', state: 'done' }],
    ['none that can be read', { title: 5 }],
  ])('that answers 200 with %s is not said to have done it', async (_what, item) => {
    const key = await posted();
    answer = { status: 200, body: { item } };
    const request = await bed.ask('claire', key, { action: 'valider' });
    expect(await until(() => Promise.resolve(events.length > 1 ? true : undefined))).toBe(true); // asked again, under the same id
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set([request]));
    expect(await bed.open('claire', 'gta')).toContain(key);
    answer = { status: 200, body: { item: { key, title: 'Congé', state: 'done' } } };
    expect((await bed.ended(request))?.state).toBe('confirmed');
  });

  test('that does not answer, and whose hook tells that it is over, is confirmed and not asked again', async () => {
    const key = await posted();
    answer = { status: 503, body: {} };
    const request = await bed.ask('claire', key, { action: 'valider' });
    await until(() => Promise.resolve(events.length > 1 ? true : undefined));
    const change = { op: 'close' as const, state: 'done' as const };
    await bed.ingest.accept('gta', [
      { source: 'urn:t', id: `${key}-fin`, key: `gta:gta:${key}` as never, revision: 2000, change, digest: 'fini', contentDigest: 'fini' },
    ]);
    expect((await bed.ended(request))?.state).toBe('confirmed');
  });

  test('that takes 70 seconds is not known to have done it after an hour of repetitions, until its hook tells', async () => {
    const key = await posted();
    answer = { status: 200, body: { item: { key, title: 'Congé', state: 'done' } }, afterMs: 70_000 };
    const left = { state: 'sent' as const, sent_at: new Date(Date.now() - 3_600_000), attempts: 9 };
    const request = await bed.ask('claire', key, { action: 'valider', left });
    expect(await bed.ended(request)).toMatchObject({
      state: 'unknown',
      text: expect.stringContaining('Vérifiez dans Congés') as string,
    });
    expect(events.map(({ id }) => id)).toEqual([request]);
    const change = { op: 'close' as const, state: 'done' as const };
    await bed.ingest.accept('gta', [
      {
        source: 'urn:t',
        id: `${key}-tard`,
        key: `gta:gta:${key}` as never,
        revision: 2000,
        change,
        digest: 'tard',
        contentDigest: 'tard',
      },
    ]);
    const state = async () =>
      (await bed.store.selectFrom('record.acts').select('state').where('request', '=', request).executeTakeFirst())?.state;
    expect(await until(async () => ((await state()) === 'confirmed' ? true : undefined))).toBe(true);
  });

  test('that says « later » is confirmed when its hook tells of a change', async () => {
    const key = await posted();
    answer = { status: 202, body: {} };
    const request = await bed.ask('claire', key, { action: 'valider' });
    const state = async () =>
      (await bed.store.selectFrom('record.acts').select('state').where('request', '=', request).executeTakeFirst())?.state;
    await until(async () => ((await state()) === 'accepted' ? true : undefined));
    const change = { op: 'close' as const, state: 'done' as const };
    await bed.ingest.accept('gta', [
      { source: 'urn:t', id: `${key}-fin`, key: `gta:gta:${key}` as never, revision: 2000, change, digest: 'fin', contentDigest: 'fin' },
    ]);
    expect((await bed.ended(request))?.state).toBe('confirmed');
  });
});
