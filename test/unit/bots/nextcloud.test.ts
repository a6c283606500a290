import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOnce } from '../../../appservice/act/run.ts';
import type { RunAction } from '../../../bots/bot.ts';
import { nextcloud } from '../../../bots/nextcloud/index.ts';
import { readActions } from '../../../bots/nextcloud/normalise.ts';
import { pushUse } from '../../../bots/ocs.ts';
import { twin as nextcloudTwin } from '../../../bots/nextcloud/twin.ts';
import { BOTS } from '../../../bots/list.ts';
import { Item } from '../../../appservice/desk/item.ts';
import { BotBed, CLAIRE, MARC } from '../../contract/bed.ts';

const NOTIFICATIONS = '/ocs/v2.php/apps/notifications/api/v2/notifications';
const bot = BOTS.find(({ manifest }) => manifest.id === 'nextcloud');

let bed: BotBed;
beforeEach(async () => {
  if (bot === undefined) throw new Error('nextcloud is no bot of the list');
  bed = await BotBed.start(bot, nextcloudTwin);
});
afterEach(() => bed.stop());

const asked = (path: string): number => bed.twin.calls.filter((call) => call.path === path).length;
const addMany = (count: number): string[] => Array.from({ length: count }, (_, n) => bed.twin.add([CLAIRE], `Note ${n}`));

describe('a sweep of Nextcloud', () => {
  it('closes what was handled elsewhere and nothing that the list was too short for', async () => {
    const keys = addMany(30);
    const [oldest = '', second = ''] = keys;
    bed.twin.settle(second);
    const { keys: listed, closed, complete } = await bed.sweep(CLAIRE, undefined, keys);
    expect(listed).toHaveLength(25);
    expect(listed).not.toContain(oldest);
    expect({ closed, complete }).toEqual({ closed: [second], complete: false });
  });

  it('asks about 200 at a time', async () => {
    const keys = addMany(430);
    expect((await bed.sweep(CLAIRE, undefined, keys)).closed).toEqual([]);
    expect(asked(`${NOTIFICATIONS}/exists`)).toBe(3);
  });

  it('closes nothing when the server stops answering half-way, and says so', async () => {
    const keys = addMany(30);
    keys.slice(0, 3).forEach((key) => bed.twin.settle(key));
    bed.twin.fail({ kind: 'status', status: 500, from: 2 });
    const { payloads, fault, complete } = (await bot?.poll?.(bed.ctx(CLAIRE, { open: keys }))) ?? {};
    expect({ count: payloads?.length, code: fault?.code, complete }).toEqual({ count: 25, code: 'unavailable', complete: false });
  });

  it('reads an unchanged list by its tag, and still learns what is gone', async () => {
    const keys = addMany(30);
    const first = await bed.sweep(CLAIRE);
    bed.twin.settle(keys[0] ?? '');
    expect(await bed.sweep(CLAIRE, first.cursor, keys)).toMatchObject({ keys: [], closed: [keys[0]] });
    expect(bed.twin.calls.at(-2)?.headers['if-none-match']).toBeDefined();
  });

  it('leaves a server where no app notifies alone for an hour, and closes nothing there', async () => {
    bed.twin.fail({ kind: 'status', status: 204 });
    const first = await bed.sweep(CLAIRE, undefined, ['61']);
    expect(first).toMatchObject({ keys: [], closed: [], complete: false });
    await bed.sweep(CLAIRE, first.cursor, ['61']);
    expect(asked(NOTIFICATIONS)).toBe(1);
    expect(asked(`${NOTIFICATIONS}/exists`)).toBe(0);
  });
});

describe('acting in Nextcloud', () => {
  const run = async (key: string, id: string) => {
    const action = bot?.actions[id];
    if (bot === undefined || action === undefined || !('run' in action)) throw new Error(`${id} cannot be run`);
    const item = Item.parse({ key: `nextcloud:nuage:${key}`, revision: 1, title: 'Note', updatedAt: '2026-11-20T09:00:00Z' });
    const on = { key, item, input: {} };
    const known: RunAction<unknown, unknown> = action;
    return runOnce({ bot, action: known, on, open: () => Promise.resolve(bed.ctx()), hasMoved: (payload) => payload === undefined });
  };
  /** Of the twin's objects in turn: a remote share, an announcement, a mention, a share. */
  const scenes = () => {
    const [, remote = '', announcement = '', mention = '', share = ''] = addMany(5);
    return { remote, announcement, mention, share };
  };

  it('accepts a share and refuses a remote one by the addresses that the notifications give', async () => {
    bed.twin.account?.(CLAIRE);
    const { remote, share } = scenes();
    expect(await run(share, 'accepter')).toEqual({ state: 'confirmed', payload: { gone: Number(share) } });
    expect(await run(remote, 'refuser')).toEqual({ state: 'confirmed', payload: { gone: Number(remote) } });
    expect(bed.twin.acted()).toBe(2);
  });

  it('marks as read, once or twice', async () => {
    const { mention } = scenes();
    expect((await run(mention, 'marquer-lu')).state).toBe('confirmed');
    expect((await run(mention, 'marquer-lu')).state).toBe('confirmed');
    expect(bed.twin.acted()).toBe(1);
  });

  it('does nothing that a notification does not offer any more', async () => {
    const { share, mention } = scenes();
    bed.twin.settle(share);
    expect(await run(share, 'accepter')).toMatchObject({ state: 'refused', why: 'tool' });
    expect(await run(mention, 'accepter')).toMatchObject({ state: 'refused', why: 'tool' });
    expect(bed.twin.acted()).toBe(0);
  });

  it('finds out what came of an action whose answer was lost, and never asks twice', async () => {
    const { share } = scenes();
    bed.twin.account?.(CLAIRE);
    bed.twin.fail({ kind: 'hang-up', from: 2 });
    expect((await run(share, 'accepter')).state).toBe('unknown');
    expect(bed.twin.acted()).toBe(1);
  });

  it('reads a refusal said with 200, as OCS v1 does', async () => {
    const { remote } = scenes();
    const body = JSON.stringify({ ocs: { meta: { status: 'failure', statuscode: 404, message: 'Partage inconnu' }, data: [] } });
    bed.twin.fail({ kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body, from: 2 });
    expect(await run(remote, 'accepter')).toEqual({ state: 'refused', why: 'tool', words: 'Partage inconnu' });
  });
});

describe('a notification of Nextcloud', () => {
  const at = { baseUrl: 'https://nuage.example', timeZone: 'Europe/Paris', config: { baseUrl: 'https://nuage.example' } };
  const told = { notification_id: 7, app: 'files', datetime: '2026-11-20T09:00:00+00:00', subject: 'Texte simple', actions: [] };

  it('is said in plain words when an object of its rich text is missing', () => {
    const { items } = nextcloud.normalise({ ...told, subjectRich: 'Voir {file}', subjectRichParameters: [] }, at);
    expect(items.map(({ title }) => title)).toEqual(['Texte simple']);
  });

  it('offers no action that leads to another server, but its link', () => {
    const actions = [{ label: 'Approuver', link: 'https://autre.example/approve', type: 'POST', primary: true }];
    const offered = nextcloud.normalise({ ...told, actions }, at).items[0]?.actions;
    expect(offered?.map(({ id }) => id)).toEqual(['ouvrir', 'marquer-lu']);
  });

  it.each([
    ['http://nuage.example/ocs/v2.php/apps/files_sharing/api/v1/remote_shares/pending/7', 'refuser'],
    ['http://localhost/ocs/v2.php/apps/files_sharing/api/v1/remote_shares/pending/7', 'refuser'],
    ['http://nuage.example.ailleurs.example/ocs/v2.php/apps/files_sharing/api/v1/remote_shares/pending/7', 'ouvrir'],
  ])('made behind a proxy or by a cron job leads to its own server: %s', (link, id) => {
    const [read] = readActions({ ...told, actions: [{ label: 'Decline', link, type: 'DELETE', primary: false }] }, at.baseUrl);
    const own = 'https://nuage.example/ocs/v2.php/apps/files_sharing/api/v1/remote_shares/pending/7';
    expect(read).toMatchObject({ id, href: id === 'ouvrir' ? link : own });
  });

  const chat = 'https://nuage.example/call/abc';
  const web = (link: string) => [{ label: 'Ouvrir', link, type: 'WEB', primary: true }];
  const named = { type: 'user', id: 'mmartin', name: 'Marie Martin' };
  it.each([
    ['a call that goes on', { object_type: 'call', actions: web(`${chat}#direct-call`) }, 'reunion', `${chat}#direct-call`],
    ['an invitation to one', { object_type: 'room', actions: web(`${chat}#direct-call`) }, 'reunion', `${chat}#direct-call`],
    ['a call that she missed', { object_type: 'call', actions: web(chat) }, 'conversation', undefined],
    ['what was written to her', { object_type: 'chat', messageRich: 'Bonjour', messageRichParameters: [] }, 'conversation', undefined],
    [
      'what names her',
      { object_type: 'chat', messageRich: '{mention-user1} ?', messageRichParameters: { 'mention-user1': named } },
      'mention',
      undefined,
    ],
    ['what she wanted to be reminded of', { object_type: 'reminder', actions: web(chat) }, 'rappel', undefined],
  ])('of Talk, about %s, is of its kind', (_, change, kind, joinUrl) => {
    const [item] = nextcloud.normalise({ ...told, app: 'spreed', link: chat, ...change }, at).items;
    expect({ kind: item?.kind, url: item?.url, joinUrl: item?.joinUrl }).toEqual({ kind, url: chat, joinUrl });
  });

  it('of the calendar is called the same whenever it is read: how soon it is changes with every look', () => {
    const titles = ['CODIR (salle 2) (dans 15 minutes)', 'CODIR (salle 2) (dans 5 minutes)'].map(
      (subject) => nextcloud.normalise({ ...told, app: 'dav', object_type: 'dav', subject }, at).items[0]?.title,
    );
    expect(titles).toEqual(['CODIR (salle 2)', 'CODIR (salle 2)']);
  });

  it('of a remote person who has no other name than her address says her server once', () => {
    const user = { type: 'user', id: 'a', name: 'a@https://nuage.rivebelle.example', server: 'https://nuage.rivebelle.example' };
    const subjectRichParameters = { share: { type: 'pending-federated-share', id: '1', name: '/Plans' }, user };
    const [item] = nextcloud.normalise({ ...told, app: 'files_sharing', object_type: 'remote_share', subjectRichParameters }, at).items;
    expect(item?.title).toBe('a@nuage.rivebelle.example partage «\u00a0Plans\u00a0»');
  });

  it('offers both of two actions that differ by their address alone, as an invitation to a team does', () => {
    const circles = 'https://nuage.example/ocs/v2.php/apps/circles/circles/x';
    const actions = [
      { label: 'Accepter', link: `${circles}/join`, type: 'PUT', primary: true },
      { label: 'Refuser', link: `${circles}/leave`, type: 'PUT', primary: false },
    ];
    const read = readActions({ ...told, app: 'circles', actions }, at.baseUrl).map(({ id, href, verb }) => [id, href, verb]);
    expect(read).toEqual([
      ['accepter', `${circles}/join`, 'PUT'],
      ['refuser', `${circles}/leave`, 'PUT'],
    ]);
  });

  it('without a text or an id is kept aside with the reason', () => {
    expect(nextcloud.normalise({ ...told, subject: '' }, at)).toMatchObject({ items: [], rejected: [{ pointer: '/subject' }] });
    const { notification_id: _id, ...nameless } = told;
    expect(nextcloud.normalise(nameless, at)).toMatchObject({ items: [], rejected: [{ pointer: '/notification_id' }] });
  });
});

describe('notify_push', () => {
  const silent = { wake: () => undefined, lost: () => undefined };

  it('wakes for notifications alone, and says when it broke', async () => {
    let [woken, lost] = [0, 0];
    const stop = await bot?.watch?.(bed.ctx(), { wake: () => void (woken += 1), lost: () => void (lost += 1) });
    await settled(); // « notify_file » came meanwhile
    expect(woken).toBe(0);
    bed.twin.add([CLAIRE]);
    bed.twin.add([MARC]);
    await expect.poll(() => woken).toBe(1);
    await settled();
    expect([woken, lost]).toEqual([1, 0]);
    await bed.twin.stop();
    await expect.poll(() => lost).toBe(1);
    stop?.();
  });

  it('with credentials that do not hold is refused; on a server without it there is nothing to listen to', async () => {
    const wrong = bed.ctx(CLAIRE, { secret: { loginName: 'claire.morel', appPassword: 'faux' } });
    await expect(bot?.watch?.(wrong, silent)).rejects.toMatchObject({ code: 'auth' });
    bed.twin.fail({ kind: 'mangled', change: (text) => text.replace('notify_push', 'autre') });
    await expect(bot?.watch?.(bed.ctx(), silent)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('that cannot ask its server, or waits too long for it, refuses nobody', () => {
    const [wake, lost] = [() => undefined, () => undefined];
    const { refusal } = pushUse({ loginName: 'a', appPassword: 'b' }, { word: 'notify_notification', wake, lost });
    const said = [
      'err: Error while sending authentication request to nextcloud: Server error: 503 Service Unavailable',
      'Authentication timeout',
      'err: Invalid credentials',
      'authenticated',
    ];
    expect(said.map((text) => refusal(text)?.code)).toEqual(['unavailable', 'unavailable', 'auth', undefined]);
  });

  it('at another host than the server’s own is left alone', async () => {
    bed.twin.fail({ kind: 'mangled', change: (text) => text.replace(/ws:\/\/127\.0\.0\.1:\d+/, 'ws://ailleurs.example') });
    await expect(bot?.watch?.(bed.ctx(), silent)).rejects.toMatchObject({ code: 'config' });
  });
});

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));
