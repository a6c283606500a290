/** What a connection's health says when its tool, or everybody's accounts there, go wrong; and that nothing is closed by it. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HealthWord } from '../../appservice/desk/event.ts';
import { ConnectionHealths } from '../../appservice/schedule/health.ts';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { iparapheur } from '../../bots/iparapheur/index.ts';
import { twin as parapheurTwin } from '../../bots/iparapheur/twin.ts';
import { mail } from '../../bots/mail/index.ts';
import { twin as mailTwin } from '../../bots/mail/twin.ts';
import { nextcloud } from '../../bots/nextcloud/index.ts';
import { twin as nextcloudTwin } from '../../bots/nextcloud/twin.ts';
import type { Fault, RunningTwin } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { ACCOUNT_KEYS, ToolsBed } from '../support/tools-bed.ts';

let [cloud, parapheur, box]: RunningTwin[] = [];
let bed: ToolsBed;
const mails = new Map<string, string>();

async function link(connection: string, twin: RunningTwin | undefined, localpart: string): Promise<void> {
  await keepAccount(bed.store, ACCOUNT_KEYS, { connection, localpart }, twin?.account?.(mails.get(localpart) ?? ''));
}

beforeAll(async () => {
  [cloud, parapheur, box] = await Promise.all([nextcloudTwin.start(), parapheurTwin.start(), mailTwin.start()]);
  bed = await ToolsBed.start([
    { id: 'nuage', bot: nextcloud, twin: cloud },
    { id: 'parapheur', bot: iparapheur, twin: parapheur },
    { id: 'boite', bot: mail, twin: box, every: 2 },
  ]);
  for (const localpart of ['claire', 'marc']) mails.set(localpart, await bed.addMember(localpart));
  for (const localpart of ['claire', 'marc']) await link('nuage', cloud, localpart);
  await link('parapheur', parapheur, 'claire');
  await bed.poller.start();
});
afterAll(async () => {
  await bed.stop();
  await Promise.all([cloud?.stop(), parapheur?.stop(), box?.stop()]);
});
beforeEach(() => [cloud, parapheur, box].forEach((twin) => twin?.fail()));

const last = (connection: string): string | undefined => bed.healths.findLast(([id]) => id === connection)?.[1];

test.each<[string, Fault, HealthWord]>([
  ['an interface that is not there any more', { kind: 'status', status: 404 }, 'misconfigured'],
  ['answers of another shape', { kind: 'mangled', change: () => '{"version":99}' }, 'misconfigured'],
  ['a server that hangs up', { kind: 'hang-up' }, 'retrying'],
])('%s is said of the connection, closes nothing, and is over when it is over', async (_, fault, word) => {
  const key = cloud?.add([mails.get('claire') ?? '']) ?? '';
  expect(await until(async () => ((await bed.open('claire', 'nuage')).includes(key) ? true : undefined))).toBe(true);
  cloud?.fail(fault);
  const news = [...mails.values()].map((mail) => cloud?.add([mail]) ?? ''); // or their lists would be « not modified », and well
  expect(await bed.becomes('nuage', word)).toBe(true);
  expect(await bed.open('claire', 'nuage')).toContain(key);
  cloud?.fail();
  expect(await bed.becomes('nuage', 'connected')).toBe(true);
  for (const one of [key, ...news]) cloud?.settle(one);
  expect(await until(async () => ((await bed.open('claire', 'nuage')).includes(key) ? undefined : true))).toBe(true);
});

test('an account that is refused says nothing of the connection while another is not; the last one does', async () => {
  expect(await bed.becomes('nuage', 'connected')).toBe(true);
  cloud?.revoke(mails.get('claire'));
  const refused = async (): Promise<number> =>
    (
      await bed.store
        .selectFrom('record.accounts')
        .select('localpart')
        .where('connection', '=', 'nuage')
        .where('state', '=', 'refused')
        .execute()
    ).length;
  expect(await until(async () => ((await refused()) === 1 ? true : undefined))).toBe(true);
  await pause(2500);
  expect(last('nuage')).toBe('connected');
  cloud?.revoke(mails.get('marc'));
  expect(await bed.becomes('nuage', 'bad_credentials')).toBe(true);
  expect(await refused()).toBe(2);
});

test('a parapheur that refuses everybody’s credentials for its own reasons pauses nobody', async () => {
  expect(await bed.becomes('parapheur', 'connected')).toBe(true);
  parapheur?.fail({ kind: 'mangled', change: () => '[]' });
  expect(await bed.becomes('parapheur', 'misconfigured')).toBe(true);
  parapheur?.fail();
  expect(await bed.becomes('parapheur', 'connected')).toBe(true);
});

test('a mailbox whose connections break is watched again', async () => {
  const idles = (): number => box?.calls.filter(({ method }) => method === 'IDLE').length ?? 0;
  await until(() => Promise.resolve(idles() > 0 ? true : undefined));
  const before = idles();
  box?.fail({ kind: 'hang-up' });
  box?.add([mails.get('claire') ?? '']); // wakes a look, which breaks
  await pause(1500);
  box?.fail();
  expect(await until(() => Promise.resolve(idles() > before ? true : undefined))).toBe(true);
  const key = box?.add([mails.get('claire') ?? '']) ?? '';
  expect(await until(async () => ((await bed.open('claire', 'boite')).includes(key) ? true : undefined))).toBe(true);
});

test('a tool that does not answer is told of when it lasts, and when it is over; a moment is not worth a word', async () => {
  let now = Date.now();
  const [connection] = bed.tools.all().map((tool) => tool.connection);
  const healths = new ConnectionHealths({ store: bed.store, connections: connection === undefined ? [] : [connection], clock: () => now });
  const id = connection?.id ?? '';
  const told = async (): Promise<string[]> =>
    (await bed.store.selectFrom('work.outbox').select('draft').where('subject', '=', `health|${id}`).orderBy('id').execute()).map(
      ({ draft }) => JSON.stringify(draft),
    );
  const said = async (word: HealthWord, minutes: number): Promise<number> => {
    now += minutes * 60_000;
    healths.say(id, word);
    await healths.flush();
    return (await told()).length;
  };
  expect(await said('connected', 0)).toBe(0);
  expect([await said('retrying', 1), await said('retrying', 10), await said('connected', 1)]).toEqual([0, 0, 0]);
  expect([await said('retrying', 1), await said('retrying', 16)]).toEqual([0, 1]);
  expect([await said('retrying', 30), await said('connected', 1)]).toEqual([1, 2]);
  expect((await told()).at(-1)).toContain('reliée');
});
