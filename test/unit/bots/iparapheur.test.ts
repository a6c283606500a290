import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookBefore, recover, runOnce } from '../../../appservice/act/run.ts';
import { hasMoved } from '../../../appservice/poll/compare.ts';
import { readPayloads } from '../../../appservice/poll/read.ts';
import { type Bot, ItemDraft, type Payload, type RunAction } from '../../../bots/bot.ts';
import { iparapheur } from '../../../bots/iparapheur/index.ts';
import { type ParapheurTwin, twin } from '../../../bots/iparapheur/twin.ts';
import { BotBed, CLAIRE, MARC } from '../../contract/bed.ts';

const bot: Bot = iparapheur;
let parapheur: ParapheurTwin;
let bed: BotBed;

beforeEach(async () => {
  bed = await BotBed.start(bot, { start: async () => (parapheur = await twin.start()) });
});
afterEach(() => bed.stop());

function reading() {
  const connection = {
    id: 'parapheur',
    bot: 'iparapheur',
    organisation: 'ville-claire',
    label: 'Parapheur',
    order: 'time' as const,
    hosts: [],
    secrets: [],
    settings: {},
    retired: false,
  };
  const tool = { connection, bot, config: bed.config, origins: bed.origins, timeZone: 'Europe/Paris', everyMs: 1000 };
  const agent = { localpart: 'claire.morel', mxid: '@claire.morel:desk.localhost' };
  return { tool, agent, checkDraft: (draft: unknown) => ItemDraft.safeParse(draft).success };
}

/** A sweep as the framework delivers it. */
async function delivered() {
  const { payloads } = (await bot.poll?.(bed.ctx())) ?? { payloads: [] };
  return deliveredOf(payloads);
}

function deliveredOf(payloads: readonly Payload[]) {
  const digest = (text: string) => hash('sha256', text, 'hex');
  const { deliveries, rejected } = readPayloads(payloads, { ...reading(), stampMs: Date.now(), requestId: 'r', digest });
  expect(rejected).toEqual([]);
  return [...deliveries.values()].flatMap(({ change, contentDigest }) => (change.op === 'upsert' ? [{ ...change, contentDigest }] : []));
}

const shownOf = (payload: Payload) => deliveredOf([payload])[0]?.item;

async function running(id: string, input: Record<string, string> = {}) {
  const [shown] = await delivered();
  if (shown === undefined) throw new Error('nothing is shown');
  const { item, contentDigest } = shown;
  const as = { key: item.key, revision: item.revision, actions: item.actions, digest: contentDigest };
  return {
    bot,
    action: bot.actions[id] as RunAction<unknown, unknown>,
    open: () => Promise.resolve(bed.ctx()),
    on: { key: item.key.split(':')[2] ?? '', item, input },
    hasMoved: (payload: Payload) => hasMoved(payload, { ...reading(), shown: as, action: id }),
  };
}
type Read = { desk: object; folder: { id: string; name: string; subtype?: object } };

/** What a sweep reads of a folder that waits for a visa. */
async function added() {
  parapheur.next('VISA');
  parapheur.add([CLAIRE]);
  const { payloads } = (await bot.poll?.(bed.ctx())) ?? { payloads: [] };
  return payloads as Read[];
}

const lowered = (of: object): unknown =>
  JSON.parse(JSON.stringify(of).replaceAll(/"(VISA|PENDING|VALIDATED)"/g, (word) => word.toLowerCase()));
/** Of a kind that must be read before it is approved. */
const asked = ({ folder, ...at }: Read, read: object) => ({
  ...at,
  folder: { ...folder, subtype: { ...folder.subtype, readingMandatory: true }, ...read },
});
const cutBefore = (mark: string) => (text: string) => text.slice(0, text.lastIndexOf(mark));
const puts = (): string[] => parapheur.calls.filter(({ method }) => method === 'PUT').map(({ path }) => path.split('/').at(-1) ?? '');

describe('the desks', () => {
  it('are read in every tenant and page shape, and no folder is marked as read', async () => {
    const keys = Array.from({ length: 11 }, (_, n) => parapheur.add([CLAIRE], `Dossier ${n}`));
    for (const shape of ['spring', 'content', 'data'] as const) {
      parapheur.pagesAs(shape);
      expect(await bed.sweep()).toMatchObject({ keys: [...keys].sort(), complete: true });
    }
    expect(keys.flatMap((key) => parapheur.readBy(key))).toEqual([]);
    expect(parapheur.acted()).toBe(0);
  });

  it('are not listed while counters and desk stand still; a sweep that lists nothing closes nothing', async () => {
    const key = parapheur.add([CLAIRE]);
    const { cursor } = await bed.sweep();
    const again = async (open: readonly string[]) => {
      const before = parapheur.calls.length;
      const swept = await bot.poll?.(bed.ctx(CLAIRE, { open }), cursor);
      return { listed: swept?.payloads.length, complete: swept?.complete, calls: parapheur.calls.length - before };
    };
    expect(await again([key])).toEqual({ listed: 0, complete: false, calls: 1 });
    expect(await again([])).toMatchObject({ listed: 1, complete: true }); // she has just signed it off, or it never arrived
    parapheur.add([CLAIRE]);
    expect(await again([key])).toMatchObject({ listed: 2, complete: true });
  });

  it('that she stands in for say so, and are never passed over', async () => {
    const key = parapheur.add([MARC]);
    parapheur.delegate(MARC, CLAIRE);
    const [shown] = await delivered();
    expect(shown?.item).toMatchObject({ kind: 'visa', people: [{ role: 'by', name: 'Voirie' }] });
    expect(shown?.to).toEqual([expect.objectContaining({ reason: 'suppléant de Bureau de marc.roche' })]);
    const { cursor } = await bed.sweep();
    parapheur.settle(key);
    expect(await bed.sweep(CLAIRE, cursor)).toMatchObject({ keys: [], complete: true });
  });

  it('of a server that has the public interface alone are found by their tenants, and their folders shown by name', async () => {
    parapheur.publish();
    const keys = Array.from({ length: 5 }, (_, n) => parapheur.add([CLAIRE], `Dossier ${n}`)).sort();
    expect(await bed.sweep()).toMatchObject({ keys, complete: true });
    const shown = await delivered();
    expect(new Set(shown.map(({ item }) => item.kind))).toEqual(new Set(['visa', 'signature', 'cachet']));
    expect(shown[0]?.item.url).toMatch(/\/tenant\/t-.+\/desk\/d-.+\/folder\//);
  });

  it('of such a server are read in full when their lists are other than before, and now and then', async () => {
    parapheur.publish();
    const key = parapheur.add([CLAIRE]);
    const { cursor } = await bed.sweep();
    const inFull = async (open: readonly string[], aheadMs = 0) => {
      const before = parapheur.calls.length;
      const ctx = bed.ctx(CLAIRE, { open });
      const swept = await bot.poll?.({ ...ctx, clock: () => ctx.clock() + aheadMs }, cursor);
      const read = parapheur.calls.slice(before).filter(({ path }) => path.endsWith('/premis')).length;
      return { complete: swept?.complete, read };
    };
    expect(await inFull([key])).toEqual({ complete: false, read: 0 });
    expect(await inFull([key], 600_000)).toEqual({ complete: true, read: 1 });
    expect(await inFull([])).toEqual({ complete: true, read: 1 });
    parapheur.change(key);
    expect(await inFull([key])).toEqual({ complete: true, read: 1 });
  });

  it('that are refused to her keep her from no other, and then nothing is complete', async () => {
    const keys = [parapheur.add([CLAIRE]), parapheur.add([CLAIRE])]; // one in each tenant
    parapheur.forbid('t-ville');
    expect(await bed.sweep()).toMatchObject({ keys: [keys[1]], complete: false });
    const { fault } = (await bot.poll?.(bed.ctx())) ?? {};
    expect(fault).toMatchObject({ code: 'denied' });
  });

  it.each([
    ['numbers for ids', (folder: object) => ({ ...folder, id: 4711 }), { key: '4711' }],
    ['nothing but what the public list has', (folder: object) => ({ ...folder, stepList: undefined }), { kind: 'dossier', state: 'todo' }],
    [
      'steps that say nothing',
      (folder: object) => ({ ...folder, stepList: [null, {}, { state: 'pending', action: null }] }),
      { kind: 'dossier' },
    ],
    ['a step to come without an id', (folder: object) => folder, { kind: 'visa', summary: 'Convention, Travaux, étape 2 sur 3' }],
    ['words in another case', (folder: object) => lowered(folder), { kind: 'visa', actions: [{ id: 'viser' }, { id: 'rejeter' }] }],
  ])('show a folder that has %s', async (_, change, shown) => {
    const [payload] = (await added()).map((one) => ({ ...one, folder: change(one.folder) }));
    expect(bed.normalise(payload)).toMatchObject({ items: [shown], rejected: [] });
  });

  it.each([
    ['that may not act', (one: Read) => ({ ...one, desk: { ...one.desk, actionAllowed: false } }), ['ouvrir red']],
    ['whose folder must be read first', (one: Read) => asked(one, { readByCurrentUser: false }), ['viser red', 'rejeter amber']],
    ['whose folder was read as it must be', (one: Read) => asked(one, { readByCurrentUser: true }), ['viser amber', 'rejeter amber']],
  ])('%s offer what may be done there', async (_, change, offered) => {
    const [payload] = (await added()).map((one): object => change(one));
    const { actions } = shownOf(payload) ?? { actions: [] };
    expect(actions.map(({ id, risk }) => `${id} ${risk}`)).toEqual(offered);
  });

  it('show nothing any more of a folder that waits there for its archive or its end', async () => {
    for (const action of ['ARCHIVE', 'DELETE']) {
      const [payload] = await added();
      const stepList = [{ id: 'a9', action, state: 'PENDING', desks: [payload?.desk] }];
      const reread = { ...payload, listed: undefined, folder: { ...payload?.folder, stepList } };
      expect(bed.normalise(reread)).toMatchObject({ items: [{ state: 'done', actions: [] }] });
    }
  });

  it('keep what they showed of a folder that lost its name, and say which it is', async () => {
    const [payload] = (await added()).map((one) => ({ ...one, folder: { ...one.folder, name: null } }));
    expect(bed.normalise(payload)).toMatchObject({ items: [], rejected: [{ pointer: '/folder/name', key: payload?.folder.id }] });
  });
});

describe('the session', () => {
  it('is made from the portal’s token where the connection says so', async () => {
    const config = bot.config.parse({ ...parapheur.config, grant: 'exchange' });
    await bot.check({ ...bed.ctx(), config });
    const form = new URLSearchParams(parapheur.calls[0]?.body.toString());
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:token-exchange');
    expect([form.get('subject_issuer'), form.has('password')]).toEqual(['oidc', false]);
  });

  it('that no account could have, the client or the realm being unknown, is a fault of the configuration', async () => {
    for (const wrong of [{ clientId: 'autre' }, { realm: 'autre' }]) {
      const config = bot.config.parse({ ...parapheur.config, ...wrong });
      await expect(bot.check({ ...bed.ctx(), config })).rejects.toMatchObject({ code: 'config' });
    }
  });

  it('of a client that is not public is asked for with the client’s secret', async () => {
    const config = bot.config.parse({ ...parapheur.config, clientId: 'ipcore-web', clientSecret: 'secret du client' });
    await bot.check({ ...bed.ctx(), config });
    expect(new URLSearchParams(parapheur.calls[0]?.body.toString()).get('client_secret')).toBe('secret du client');
    await bot.check({ ...bed.ctx(), config: bot.config.parse(parapheur.config) });
    expect(parapheur.calls.some(({ body }) => new URLSearchParams(body.toString()).get('client_secret') === '')).toBe(false);
  });

  it('of a name that two people have is refused to her alone', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ error: 'invalid_request', error_description: 'Invalid user credentials' });
    parapheur.fail({ kind: 'status', status: 401, headers, body });
    await expect(bot.check(bed.ctx())).rejects.toMatchObject({ code: 'auth' });
    parapheur.fail({ kind: 'status', status: 400, headers, body });
    await expect(bot.check(bed.ctx())).rejects.toMatchObject({ code: 'config' });
  });

  it('is kept from sweep to sweep, renewed when it ends early, and asked for once when it is refused', async () => {
    const tokens = () => parapheur.calls.filter(({ path }) => path.endsWith('/token')).length;
    await bed.sweep();
    await bed.sweep();
    expect(tokens()).toBe(1);
    parapheur.expire('access');
    await bed.sweep();
    expect(tokens()).toBe(2);
    parapheur.revoke(CLAIRE);
    await expect(bed.sweep()).rejects.toMatchObject({ code: 'auth' });
    expect(tokens()).toBe(3);
  });
});

describe('an action', () => {
  it.each([
    ['VISA', 'viser', {}, 'visa'],
    ['SEAL', 'cacheter', { annotation: 'Cachet de la ville' }, 'seal'],
    ['SIGNATURE', 'rejeter', { annotation: 'Pièce manquante' }, 'reject'],
  ])('on %s is done once and answers with the folder as it is then', async (waiting, id, input, verb) => {
    parapheur.next(waiting);
    parapheur.add([CLAIRE]);
    const act = await running(id, input);
    expect(await lookBefore(act)).toBeUndefined();
    const run = await runOnce(act);
    expect(run).toMatchObject({ state: 'confirmed' });
    expect('payload' in run && bed.normalise(run.payload).items).toMatchObject([{ state: 'done', actions: [] }]);
    expect(puts()).toEqual([verb]);
    expect((await bed.sweep()).keys).toEqual([]);
  });

  it.each([
    ['VISA', 'viser', {}, 'visa', 'rejeter red'],
    ['SEAL', 'cacheter', { annotation: 'Cachet de la ville' }, 'seal', 'rejeter red'],
  ])('on %s is done through the public interface where there is no other', async (waiting, id, input, verb, other) => {
    parapheur.publish();
    parapheur.next(waiting);
    parapheur.add([CLAIRE]);
    const act = await running(id, input);
    expect(act.on.item.actions.map((one) => `${one.id} ${one.risk}`)).toEqual([`${id} amber`, other]);
    expect(await lookBefore(act)).toBeUndefined();
    expect(await runOnce(act)).toMatchObject({ state: 'confirmed' });
    expect(puts()).toEqual([verb]);
    const read = parapheur.calls.slice(parapheur.calls.findIndex(({ method }) => method === 'PUT') + 1).map(({ path }) => path);
    expect(read).toContainEqual(expect.stringMatching(/^\/api\/standard\/v1\/.+\/premis$/));
    expect(await lookBefore(act)).toMatchObject({ state: 'refused', why: 'moved' });
  });

  it('on a folder that she stands in for is done through the public interface too', async () => {
    parapheur.publish();
    parapheur.next('VISA');
    parapheur.add([MARC]);
    parapheur.delegate(MARC, CLAIRE);
    const act = await running('viser');
    expect(await lookBefore(act)).toBeUndefined();
    expect(await runOnce(act)).toMatchObject({ state: 'confirmed' });
    expect(puts()).toEqual(['visa']);
    expect(await lookBefore(act)).toMatchObject({ state: 'refused', why: 'moved' });
  });

  it('on what was done elsewhere is seen to be too late, and not sent', async () => {
    const key = parapheur.add([CLAIRE]);
    const act = await running('viser');
    parapheur.settle(key);
    expect(await lookBefore(act)).toMatchObject({ state: 'refused', why: 'moved' });
    expect(await runOnce(act)).toMatchObject({ state: 'refused', why: 'tool' });
    expect(puts()).toEqual([]);
  });

  it('is not taken for done because the summary of its steps came in halves', async () => {
    parapheur.publish();
    parapheur.next('VISA');
    parapheur.add([CLAIRE]);
    const act = await running('viser');
    for (const change of [cutBefore('</premis>'), cutBefore('<event>'), () => '<?xml version="1.0"?><premis/>']) {
      parapheur.fail({ kind: 'mangled', change: (text) => (text.startsWith('<?xml') ? change(text) : text) });
      expect(await recover(act, { mayRepeat: false })).toMatchObject({ state: 'unknown' });
      expect(await runOnce(act)).not.toMatchObject({ state: 'confirmed' });
      expect(puts()).toEqual([]);
    }
    parapheur.fail();
    expect(await lookBefore(act)).toBeUndefined();
  });

  it('whose answer is lost is told from the folder, and never sent again', async () => {
    parapheur.add([CLAIRE]);
    const act = await running('viser');
    parapheur.fail({ kind: 'hang-up', from: 3 }); // the folder, the desks, then the visa
    const reread = bot.reread?.bind(bot);
    const again = {
      ...bot,
      reread: (...of: Parameters<NonNullable<Bot['reread']>>) => (parapheur.fail(), reread?.(...of) ?? Promise.resolve()),
    };
    expect(await runOnce({ ...act, bot: again })).toMatchObject({ state: 'confirmed' });
    expect(puts()).toEqual(['visa']);
  });

  it('is a link where the step wants fields filled in, or a signature', async () => {
    parapheur.next('VISA', { mandatoryValidationMetadata: ['engagement'] });
    parapheur.add([CLAIRE], 'Avec champ');
    parapheur.next('SIGNATURE');
    parapheur.add([CLAIRE], 'À signer');
    const shown = await delivered();
    const actions = Object.fromEntries(shown.map(({ item }) => [item.title, item.actions.map(({ id, risk }) => `${id} ${risk}`)]));
    expect(actions).toEqual({ 'Avec champ': ['viser red', 'rejeter amber'], 'À signer': ['signer red', 'rejeter amber'] });
  });
});
