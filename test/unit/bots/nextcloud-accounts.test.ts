import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { accountFields, accountName } from '../../../bots/account-form.ts';
import { secret } from '../../../bots/bot.ts';
import { concerned, giveBack, loginFlow } from '../../../bots/nextcloud-accounts.ts';
import { nextcloud } from '../../../bots/nextcloud/index.ts';
import { type CloudTwin, twin } from '../../../bots/nextcloud/twin.ts';
import { makeGuard } from '../../../bots/io-guard.ts';
import { makeIo } from '../../../bots/io.ts';
import type { Ctx } from '../../../bots/bot.ts';

type Account = { loginName: string; appPassword: string };

let cloud: CloudTwin;
const guard = makeGuard({ privateNetworks: ['127.0.0.0/8'] });
beforeAll(async () => {
  cloud = await twin.start();
});
afterAll(async () => {
  await guard.close();
  await cloud.stop();
});

function ctx(given?: Account, baseUrl = cloud.url): Ctx<{ baseUrl: string }, Account> {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  return {
    config: { baseUrl },
    ...(given && { account: { agent: { localpart: 'claire', mxid: '@claire:desk.localhost' }, secret: given } }),
    io: makeIo({ origins: [baseUrl], guard, log, requestId: 'essai' }),
    log,
    clock: () => 1_000,
    requestId: 'essai',
    timeZone: 'Europe/Paris',
    openKeys: () => Promise.resolve([]),
  };
}

describe('Login Flow v2', () => {
  test('gives nothing until it is granted, then the password once', async () => {
    const { url, state, untilMs } = await loginFlow.begin(ctx());
    expect(url).toMatch(/\/index\.php\/login\/v2\/flow\/[0-9a-f]{128}$/);
    expect(untilMs).toBe(1_000 + 1_200_000);
    expect(z.object({ token: z.string().length(128) }).safeParse(state).success).toBe(true);
    expect(await loginFlow.collect(ctx(), state)).toBeUndefined();
    cloud.grant('claire@ville.example');
    const granted = await loginFlow.collect(ctx(), state);
    expect(granted).toMatchObject({ loginName: 'claire' });
    expect(await loginFlow.collect(ctx(), state)).toBeUndefined();
    const account = nextcloud.account?.parse(granted) ?? { loginName: '', appPassword: '' };
    await nextcloud.check(ctx(account));
    expect(await giveBack(ctx(account))).toBe(true);
    await expect(nextcloud.check(ctx(account))).rejects.toMatchObject({ code: 'auth' });
    expect(await giveBack(ctx(account))).toBe(true);
  });

  test('sends its token to the connection’s own origin, whatever address the server believes to have', async () => {
    const { state } = await loginFlow.begin(ctx());
    const elsewhere = { ...z.object({ token: z.string(), endpoint: z.string() }).parse(state) };
    elsewhere.endpoint = 'http://interne.example/index.php/login/v2/poll';
    cloud.grant('marc@ville.example');
    expect(await loginFlow.collect(ctx(), elsewhere)).toMatchObject({ loginName: 'marc' });
  });

  test('leads her to the connection’s own address, also where the server believes to be spoken to by plain http', async () => {
    const { io, ...rest } = ctx();
    const begin = (baseUrl: string) => loginFlow.begin({ ...rest, io, config: { baseUrl } });
    const secure = cloud.url.replace('http:', 'https:');
    expect((await begin(secure)).url).toMatch(new RegExp(`^${secure}/index`));
    expect((await begin('https://ailleurs.example')).url).toMatch(new RegExp(`^${cloud.url}/index`));
  });

  test('that is not spoken there is said to be broken, not granted', async () => {
    cloud.fail({ kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: '{"poll":{}}' });
    await expect(loginFlow.begin(ctx())).rejects.toMatchObject({ code: 'invalid' });
    cloud.fail();
  });

  test('does not take back a password that is the agent’s own', async () => {
    const own = z.object({ loginName: z.string(), appPassword: z.string() }).parse(cloud.account?.('claire@ville.example'));
    expect(await giveBack(ctx(own))).toBe(false);
  });
});

describe('what webhook_listeners posts', () => {
  test.each([
    [
      { event: { class: 'NodeCreatedEvent', node: { id: 7, path: '/marc/files/Notes/a.md' } }, user: { uid: 'claire' } },
      ['marc', 'claire'],
    ],
    [{ event: { share: { sharedBy: 'a', sharedWith: 'b', id: 'x' } }, user: { uid: 'a', displayName: 'A' } }, ['a', 'b', 'a']],
    [{ event: { calendarData: { principaluri: 'principals/users/claire', uri: 'personal' } }, time: 1 }, ['claire']],
    [
      { event: { shares: [{ href: 'mailto:alice@ville.example', '{http://owncloud.org/ns}principal': 'principal:users/alice' }] } },
      ['alice@ville.example', 'alice'],
    ],
    [{ event: { targetShares: [{ href: 'principal:principals/users/bob' }] } }, ['bob']],
    [{ event: { form: { hash: 'abc', ownerId: 'alice' }, submission: { userId: 'bob' } }, user: null }, ['alice', 'bob']],
    [{ event: {}, user: { uid: '' } }, ['']],
    [null, []],
    ['claire', []],
    [{ path: '/claire' }, []],
  ])('names whom it concerns: %j', (payload, names) => {
    expect(concerned(payload)).toEqual(names);
  });

  test('is looked at only so deep', () => {
    let payload: unknown = { uid: 'claire' };
    for (let n = 0; n < 30; n += 1) payload = { inner: payload };
    expect(concerned(payload)).toEqual([]);
  });
});

describe('the form of an account', () => {
  const account = z.strictObject({
    password: secret('Mot de passe'),
    mail: z.email().max(200).describe('Adresse de messagerie'),
    server: z.string().max(10).optional().describe('Serveur'),
  });

  test('is its bot’s schema: labels, what is secret, what may be left out', () => {
    expect(accountFields({ account })).toEqual([
      { name: 'password', label: 'Mot de passe', kind: 'secret', isRequired: true, maxLength: 8192 },
      { name: 'mail', label: 'Adresse de messagerie', kind: 'mail', isRequired: true, maxLength: 200 },
      { name: 'server', label: 'Serveur', kind: 'text', isRequired: false, maxLength: 10 },
    ]);
    expect(accountFields({})).toEqual([]);
  });

  test('names the account by its first text that is no secret', () => {
    expect(accountName({ account }, { password: 'x', mail: 'claire@ville.example' })).toBe('claire@ville.example');
    expect(accountName({ account }, null)).toBeUndefined();
    expect(accountName({}, { mail: 'x' })).toBeUndefined();
  });
});
