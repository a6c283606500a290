/** Another Matrix client signs in by the homeserver's `m.login.sso`, whose provider is the web: the same person as there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, SESSION_COOKIE } from '../../web/src/lib/server/session.ts';
import { asAgent, claimsOf, type IdentityBed, signInByWeb, startIdentityBed, startWeb } from '../support/identity-bed.ts';
import { Jar } from '../support/jar.ts';
import { personOf } from '../support/people.ts';

const CLIENT = 'http://client.example/retour';

let bed: IdentityBed;
let web: Awaited<ReturnType<typeof startWeb>>;
beforeAll(async () => {
  bed = await startIdentityBed();
  web = await startWeb(bed);
});
afterAll(async () => {
  await web.stop();
  await bed.stop();
});

const flows = async () =>
  (await asAgent(bed, '', '/_matrix/client/v3/login')).body.flows as {
    type: string;
    identity_providers?: { name: string; id: string }[];
  }[];
const ssoUrl = () =>
  `${bed.config.homeserver.url}/_matrix/client/v3/login/sso/redirect/oidc-ecritoire?redirectUrl=${encodeURIComponent(CLIENT)}`;

/** Walks the whole way in this browser and exchanges the homeserver's login token, as any client does. */
async function signInByClient(jar: Jar): Promise<{ user_id: string; access_token: string; device_id: string }> {
  const { answer } = await jar.follow(ssoUrl(), { stopAt: (url) => url.href.startsWith(CLIENT) });
  const page = answer.headers.get('location') ?? (await answer.text());
  const loginToken = /loginToken=([\w.~-]+)/.exec(page)?.[1];
  expect(loginToken, page.slice(0, 2000)).toBeDefined();
  const answered = await fetch(`${bed.config.homeserver.url}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({ type: 'm.login.token', token: loginToken }),
  });
  expect(answered.status).toBe(200);
  return (await answered.json()) as { user_id: string; access_token: string; device_id: string };
}

describe('another Matrix client', () => {
  it('is offered one provider by the homeserver, ours', async () => {
    expect((await flows()).find((flow) => flow.type === 'm.login.sso')?.identity_providers).toMatchObject([
      { id: 'oidc-ecritoire', name: 'Écritoire' },
    ]);
  });

  it('signs in without a question where the desk is open, as the same person on another device', async () => {
    const jar = new Jar();
    await signInByWeb(bed, jar, claimsOf(personOf('claire.morel')));
    bed.issuer.who = undefined; // would refuse, were it asked
    const session = await openSession(jar.cookie(new URL(bed.config.publicUrl).host, SESSION_COOKIE), bed.config, Date.now());
    const client = await signInByClient(jar);
    expect(client.user_id).toBe('@claire.morel:desk.localhost');
    expect(client.device_id).not.toBe(session?.deviceId);
    const joined = await asAgent(bed, client.access_token, '/_matrix/client/v3/joined_rooms');
    expect(joined.body.joined_rooms).toEqual(expect.arrayContaining([session?.desks[0]?.room]));
  });

  it('signs in by the provider where it is not, and the desk is open afterwards', async () => {
    const jar = new Jar();
    bed.issuer.who = claimsOf(personOf('paul.vidal'));
    expect((await signInByClient(jar)).user_id).toBe('@paul.vidal:desk.localhost');
    expect(await (await jar.get(`${bed.config.publicUrl}/`)).text()).toContain('Paul Vidal');
  });

  it('gets who is signed in now, not who was before in this browser', async () => {
    const jar = new Jar();
    bed.issuer.who = claimsOf(personOf('paul.vidal'));
    await signInByClient(jar);
    const strangerJar = new Jar();
    await signInByWeb(bed, strangerJar, claimsOf(personOf('marc.roche')));
    const host = new URL(bed.config.publicUrl).host;
    jar.set(host, SESSION_COOKIE, strangerJar.cookie(host, SESSION_COOKIE) ?? '');
    expect((await signInByClient(jar)).user_id).toBe('@marc.roche:desk.localhost');
  });

  it('keeps its device when the desk signs out', async () => {
    const jar = new Jar();
    await signInByWeb(bed, jar, claimsOf(personOf('bruno.leroy')));
    const client = await signInByClient(jar);
    const headers = { origin: bed.config.publicUrl, 'content-type': 'application/x-www-form-urlencoded' };
    await jar.get(`${bed.config.publicUrl}/auth/logout`, { method: 'POST', headers, body: '' });
    expect((await asAgent(bed, client.access_token, '/_matrix/client/v3/account/whoami')).status).toBe(200);
  });

  it('is not let in for someone without a desk', async () => {
    bed.issuer.who = claimsOf(personOf('tom.garnier'));
    const { url } = await new Jar().follow(ssoUrl());
    expect(url.href).toBe(`${bed.config.publicUrl}/connexion?erreur=unknown_organisation`);
  });
});

describe('the provider at /oidc', () => {
  const auth = (change: Record<string, string>): string => {
    const query = {
      client_id: 'homeserver',
      response_type: 'code',
      scope: 'openid',
      state: 's',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    };
    const redirect_uri = `${bed.config.homeserver.url}/_synapse/client/oidc/callback`;
    return `${bed.config.publicUrl}/oidc/auth?${new URLSearchParams({ ...query, redirect_uri, ...change }).toString()}`;
  };

  it.each([
    ['another client', { client_id: 'element' }],
    ['another way back', { redirect_uri: 'https://evil.example/' }],
  ])('does not serve %s, and says so in French', async (_what, change) => {
    const answer = await new Jar().get(auth(change));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Connexion interrompue');
  });

  it('gives no code without PKCE', async () => {
    const url = new URL(auth({}));
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const back = new URL((await new Jar().get(url.href)).headers.get('location') ?? '');
    expect(back.searchParams.get('error')).toBe('invalid_request');
    expect(back.searchParams.get('code')).toBeNull();
  });

  it('knows no interaction that it did not begin', async () => {
    expect((await new Jar().get(`${bed.config.publicUrl}/oidc/interaction/made-up`)).status).toBe(400);
  });
});
