/** Acting at a tool that takes 70 seconds to answer, or never does: a fiftieth of that, and of our patience (`bots/io.ts`). */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { TIMEOUTS_MS } from '../../bots/io.ts';
import { iparapheur } from '../../bots/iparapheur/index.ts';
import { type ParapheurTwin, twin as parapheurTwin } from '../../bots/iparapheur/twin.ts';
import { nextcloud } from '../../bots/nextcloud/index.ts';
import { twin as nextcloudTwin } from '../../bots/nextcloud/twin.ts';
import type { RunningTwin, TwinCall } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { ACCOUNT_KEYS, ToolsBed } from '../support/tools-bed.ts';

const SHARE = 50;
const [SLOW_MS, NEVER_MS] = [70_000 / SHARE, 600_000 / SHARE];
const EVERY_S = 3; // a server that is slow for one act is not given up by the sweeps meanwhile

let parapheur: ParapheurTwin;
let cloud: RunningTwin;
let bed: ToolsBed;
const mails = { claire: '', marc: '' };

beforeAll(async () => {
  [parapheur, cloud] = await Promise.all([parapheurTwin.start(), nextcloudTwin.start()]);
  parapheur.next('VISA');
  bed = await ToolsBed.start(
    [
      { id: 'parapheur', bot: iparapheur, twin: parapheur, every: EVERY_S },
      { id: 'nuage', bot: nextcloud, twin: cloud, every: EVERY_S },
    ],
    [],
    { timeouts: { read: TIMEOUTS_MS.read / SHARE, act: TIMEOUTS_MS.act / SHARE } },
  );
  for (const localpart of ['claire', 'marc'] as const) {
    const mail = await bed.addMember(localpart);
    mails[localpart] = mail;
    await keepAccount(bed.store, ACCOUNT_KEYS, { connection: 'parapheur', localpart }, parapheur.account?.(mail));
    await keepAccount(bed.store, ACCOUNT_KEYS, { connection: 'nuage', localpart }, cloud.account?.(mail));
  }
  await bed.poller.start();
  bed.actor.start();
});
afterAll(async () => {
  await bed.stop();
  await Promise.all([parapheur.stop(), cloud.stop()]);
});
beforeEach(() => [parapheur, cloud].forEach((twin) => twin.fail()));

type Acting = {
  action: string;
  twin: () => RunningTwin;
  isActing: (call: TwinCall) => boolean;
  /** Its objects take turns. */ turns: number;
};

const ACTING: readonly [string, Acting][] = [
  ['parapheur', { action: 'viser', twin: () => parapheur, isActing: ({ method }) => method === 'PUT', turns: 1 }],
  // Of a share of this server or of another one.
  ['nuage', { action: 'accepter', twin: () => cloud, isActing: ({ path }) => path.includes('shares/pending/'), turns: 4 }],
];

/** An object on Claire's desk that offers the action. */
async function arrived({ action, twin, turns }: Acting, agents: readonly string[] = [mails.claire]): Promise<string> {
  const keys = Array.from({ length: turns }, () => twin().add(agents));
  const offers = async (): Promise<string | undefined> => {
    const rows = await bed.store.selectFrom('work.placements').select(['key', 'content']).where('agent', '=', 'claire').execute();
    const row = rows.find(
      ({ key, content }) => keys.some((one) => key.endsWith(`:${one}`)) && content.actions.some(({ id }) => id === action),
    );
    return row?.key.split(':')[2];
  };
  return (await until(offers)) ?? '';
}

async function becomes(request: string, state: string): Promise<true | undefined> {
  const read = async (): Promise<true | undefined> => {
    const row = await bed.store.selectFrom('record.acts').select('state').where('request', '=', request).executeTakeFirst();
    return row?.state === state ? true : undefined;
  };
  return until(read);
}

/** From the act on nothing is answered in time any more. */
function goSilentAt({ twin, isActing }: Acting): void {
  let isAsked = false;
  twin().fail({ kind: 'slow', ms: NEVER_MS, only: (call) => (isAsked ||= isActing(call)) });
}

test.each(ACTING)('%s that answers an act after 70 seconds has done it, once', async (_, acting) => {
  const key = await arrived(acting);
  const before = acting.twin().acted();
  acting.twin().fail({ kind: 'slow', ms: SLOW_MS, only: acting.isActing });
  const ended = await bed.ended(await bed.ask('claire', key, { action: acting.action }));
  expect(ended?.state).toBe('confirmed');
  expect(acting.twin().acted()).toBe(before + 1);
});

test.each(ACTING)('%s that is slow whatever it is asked was not asked to act, which can be tried again', async (_, acting) => {
  const key = await arrived(acting);
  const before = acting.twin().acted();
  acting.twin().fail({ kind: 'slow', ms: SLOW_MS });
  const ended = await bed.ended(await bed.ask('claire', key, { action: acting.action }));
  expect(ended).toMatchObject({ state: 'failed', text: expect.stringContaining('Rien n’y a été fait') as string });
  expect(acting.twin().acted()).toBe(before);
  acting.twin().fail();
  expect((await bed.ended(await bed.ask('claire', key, { action: acting.action })))?.state).toBe('confirmed');
  expect(acting.twin().acted()).toBe(before + 1);
});

test.each(ACTING)('%s that never answers leaves it unknown, and the next sweep settles it without another call', async (label, acting) => {
  const key = await arrived(acting);
  const before = acting.twin().acted();
  goSilentAt(acting);
  const request = await bed.ask('claire', key, { action: acting.action });
  expect(await bed.ended(request)).toMatchObject({
    state: 'unknown',
    text: expect.stringContaining(`Vérifiez dans ${label}`) as string,
  });
  expect(await bed.open('claire')).toContain(key);
  acting.twin().fail();
  expect(await becomes(request, 'confirmed')).toBe(true);
  expect(await bed.open('claire')).not.toContain(key);
  expect(acting.twin().acted()).toBe(before + 1);
});

test('what another agent is still shown does not keep an act unknown that her own desk shows to be over', async () => {
  const acting = ACTING[0]?.[1];
  if (acting === undefined) throw new Error('nothing acts');
  const key = await arrived(acting, [mails.claire, mails.marc]);
  expect(await until(async () => ((await bed.open('marc')).includes(key) ? true : undefined))).toBe(true);
  parapheur.revoke(mails.marc); // nobody reads any more that it is over for him too
  goSilentAt(acting);
  const request = await bed.ask('claire', key, { action: acting.action });
  expect((await bed.ended(request))?.state).toBe('unknown');
  parapheur.fail();
  expect(await becomes(request, 'confirmed')).toBe(true);
  expect(await bed.open('marc')).toContain(key);
});
