/** Signing in and out as a browser does it: web, provider, directory and homeserver, each a real one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, SESSION_COOKIE } from '../../web/src/lib/server/session.ts';
import {
  asAgent,
  claimsOf,
  DEAD_PROVIDER,
  type IdentityBed,
  PROVIDER,
  signInByWeb,
  startIdentityBed,
  startWeb,
} from '../support/identity-bed.ts';
import { PATIENCE_MS } from '../support/guarded.ts';
import { Jar } from '../support/jar.ts';
import { personOf } from '../support/people.ts';

let bed: IdentityBed;
let web: Awaited<ReturnType<typeof startWeb>>;
let host: string;
beforeAll(async () => {
  bed = await startIdentityBed({ deadProvider: true });
  web = await startWeb(bed);
  host = new URL(bed.config.publicUrl).host;
});
afterAll(async () => {
  await web.stop();
  await bed.stop();
});

const claire = () => claimsOf(personOf('claire.morel'));
const sessionIn = (jar: Jar) => openSession(jar.cookie(host, SESSION_COOKIE), bed.config, Date.now());
const at = (path: string): string => bed.config.publicUrl + path;
const signOut = (jar: Jar): Promise<Response> =>
  jar.get(at('/auth/logout'), {
    method: 'POST',
    headers: { origin: bed.config.publicUrl, 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  });
const isTokenAlive = async (token: string | undefined): Promise<boolean> =>
  (await asAgent(bed, token ?? '', '/_matrix/client/v3/account/whoami')).status === 200;

describe('signing in', () => {
  it('leads back to where she was going, with a session in one closed cookie', async () => {
    const jar = new Jar();
    const { url, answer } = await signInByWeb(bed, jar, claire(), '?retour=%2F%3Fvue%3Dfil');
    expect(url.href).toBe(at('/?vue=fil'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await sessionIn(jar)).toMatchObject({ mxid: '@claire.morel:desk.localhost', name: 'Claire Morel', provider: PROVIDER });
    expect(jar.names(host)).toEqual([SESSION_COOKIE]);
  });

  it('shows no page, script or address the access token', async () => {
    const jar = new Jar();
    const { answer } = await signInByWeb(bed, jar, claire());
    const token = (await sessionIn(jar))?.accessToken ?? '';
    expect(token.length).toBeGreaterThan(10);
    expect(await answer.text()).not.toContain(token);
    expect(await (await jar.get(at('/__data.json'))).text()).not.toContain(token);
    expect(web.output()).not.toContain(token);
  });

  it('asks the provider with PKCE, state and nonce', async () => {
    const begun = await new Jar().get(at(`/auth/login/${PROVIDER}`));
    const asked = new URL(begun.headers.get('location') ?? '').searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'state', 'nonce']) expect(asked.get(name)?.length ?? 0, name).toBeGreaterThanOrEqual(32);
  });

  it('in two tabs at once works in both', async () => {
    const jar = new Jar();
    const begin = () => jar.get(at(`/auth/login/${PROVIDER}`));
    const [first, second] = [await begin(), await begin()];
    bed.issuer.who = claire();
    for (const begun of [second, first]) {
      const { answer } = await jar.follow(begun.headers.get('location') ?? '');
      expect(await answer.text()).toContain('Claire Morel');
    }
  });

  it('never leads to another site', async () => {
    for (const back of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example',
      '\\\\evil.example',
      'javascript:alert(1)',
      '/%0d%0a//evil.example',
    ]) {
      const { url } = await signInByWeb(bed, new Jar(), claire(), `?retour=${encodeURIComponent(back)}`);
      expect(url.origin, back).toBe(bed.config.publicUrl);
    }
  });
});

describe('a sign-in that does not hold', () => {
  const ending = async (jar: Jar, url: string): Promise<string | null> => (await jar.follow(url)).url.searchParams.get('erreur');

  it('says so when she declines at the provider', async () => {
    const { url } = await signInByWeb(bed, new Jar(), undefined);
    expect(url.pathname + url.search).toBe('/connexion?erreur=denied');
  });

  it('says that her town has no desk', async () => {
    const jar = new Jar();
    const { url } = await signInByWeb(bed, jar, claimsOf(personOf('tom.garnier')));
    expect(url.search).toBe('?erreur=unknown_organisation');
    expect(await sessionIn(jar)).toBeUndefined();
  });

  it('is refused with a state this browser did not begin with', async () => {
    const begun = await new Jar().get(at(`/auth/login/${PROVIDER}`));
    bed.issuer.who = claire();
    expect(await ending(new Jar(), begun.headers.get('location') ?? '')).toBe('expired');
  });

  it('is refused when the way back is walked twice', async () => {
    const jar = new Jar();
    bed.issuer.who = claire();
    const begun = await jar.get(at(`/auth/login/${PROVIDER}`));
    const back = await jar.follow(begun.headers.get('location') ?? '', { stopAt: (url) => url.host === host });
    await jar.follow(back.url.href);
    expect(await ending(new Jar(), back.url.href)).toBe('expired');
    expect(await ending(jar, back.url.href)).toBe('expired');
  });

  it('is refused with another sign-in’s code', async () => {
    const jar = new Jar();
    const reach = async (): Promise<URL> => {
      const begun = await jar.get(at(`/auth/login/${PROVIDER}`));
      return (await jar.follow(begun.headers.get('location') ?? '', { stopAt: (url) => url.host === host })).url;
    };
    bed.issuer.who = claire();
    const [mine, other] = [await reach(), await reach()];
    mine.searchParams.set('code', other.searchParams.get('code') ?? '');
    expect(await ending(jar, mine.href)).toBe('failed');
  });

  it('shows a French page while the appservice is down, and works again afterwards', async () => {
    await bed.internal.stop();
    const { answer } = await signInByWeb(bed, new Jar(), claire());
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('Connexion impossible pour l’instant');
    await bed.internal.start();
    expect((await signInByWeb(bed, new Jar(), claire())).answer.status).toBe(200);
  });

  it('shows a French page while the provider is down, each time it is tried', async () => {
    for (let time = 0; time < 2; time += 1) {
      const answer = await new Jar().get(at(`/auth/login/${DEAD_PROVIDER}`));
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain('Le service d’identification ne répond pas');
    }
  });

  it('knows no other provider', async () => {
    expect((await new Jar().get(at('/auth/login/nobody'))).status).toBe(404);
    expect((await new Jar().get(at('/auth/callback/nobody'))).status).toBe(404);
  });
});

describe('a cookie', () => {
  it.each([
    ['nonsense', () => 'x'.repeat(300)],
    ['altered', (cookie: string) => cookie.slice(0, 100) + (cookie[100] === 'A' ? 'B' : 'A') + cookie.slice(101)],
    ['empty', () => ''],
  ])('that is %s signs out cleanly', async (_what, change) => {
    const jar = new Jar();
    await signInByWeb(bed, jar, claire());
    jar.set(host, SESSION_COOKIE, change(jar.cookie(host, SESSION_COOKIE) ?? ''));
    const answer = await jar.get(at('/'));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/connexion']);
    expect(jar.cookie(host, SESSION_COOKIE)).toBeUndefined();
  });

  it('of a device that was signed out elsewhere signs out', async () => {
    const jar = new Jar();
    await signInByWeb(bed, jar, claire());
    await bed.directory.endEverywhere('claire.morel', 'test');
    await expect.poll(async () => (await jar.get(at('/'))).headers.get('location'), { timeout: PATIENCE_MS }).toBe('/connexion');
  });
});

describe('signing out', () => {
  it('ends the device, the cookie and the provider’s session, and comes back', async () => {
    const jar = new Jar();
    await signInByWeb(bed, jar, claire());
    const token = (await sessionIn(jar))?.accessToken;
    const answer = await signOut(jar);
    expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"');
    expect(jar.cookie(host, SESSION_COOKIE)).toBeUndefined();
    expect(await isTokenAlive(token)).toBe(false);
    const there = new URL((answer.headers.get('refresh') ?? '').replace('0; url=', ''));
    expect(there.origin).toBe(bed.issuer.url);
    expect(there.searchParams.get('id_token_hint')).toBeTruthy();
    const form = await (await jar.get(there.href)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(form)?.[1] ?? '';
    const confirmed = await jar.get(`${bed.issuer.url}/session/end/confirm`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `xsrf=${xsrf}&logout=yes`,
    });
    const { url } = await jar.follow(new URL(confirmed.headers.get('location') ?? '', bed.issuer.url).href);
    expect(url.href).toBe(at('/connexion?deconnexion=1'));
  });

  it('is not begun by another site', async () => {
    const jar = new Jar();
    await signInByWeb(bed, jar, claire());
    const answer = await jar.get(at('/auth/logout'), {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    });
    expect(answer.status).toBe(403);
    expect(await isTokenAlive((await sessionIn(jar))?.accessToken)).toBe(true);
  });

  it('takes no word of a logout that this browser did not begin', async () => {
    const answer = await new Jar().get(at('/connexion?state=made-up'));
    expect(answer.headers.get('location')).toBe('/connexion');
  });

  it('works while the appservice is down: the cookie goes', async () => {
    const jar = new Jar();
    await signInByWeb(bed, jar, claire());
    await bed.internal.stop();
    await signOut(jar);
    await bed.internal.start();
    expect(jar.cookie(host, SESSION_COOKIE)).toBeUndefined();
  });

  it('at the provider reaches us by the back channel', async () => {
    const jar = new Jar();
    await signInByWeb(bed, jar, claire());
    const token = (await sessionIn(jar))?.accessToken;
    const send = (logoutToken: string) =>
      fetch(at(`/auth/backchannel/${PROVIDER}`), { method: 'POST', body: new URLSearchParams({ logout_token: logoutToken }) });
    expect((await send('nonsense')).status).toBe(400);
    expect(await isTokenAlive(token)).toBe(true);
    const answer = await send(await bed.issuer.logoutToken({ sub: claire().sub }));
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await isTokenAlive(token)).toBe(false);
  });
});

describe('a shared computer', () => {
  it('gets a cookie that goes with the browser', async () => {
    const jar = new Jar();
    bed.issuer.who = claimsOf(personOf('paul.vidal')); // the homeserver allows each person twenty sign-ins in a row
    const begun = await jar.get(at(`/auth/login/${PROVIDER}?poste=partage`));
    const back = await jar.follow(begun.headers.get('location') ?? '', { stopAt: (url) => url.host === host });
    const answer = await jar.get(back.url.href);
    const line = answer.headers.getSetCookie().find((one) => one.startsWith(`${SESSION_COOKIE}=`));
    expect(line).toContain('HttpOnly');
    expect(line).toContain('SameSite=Lax');
    expect(line).not.toMatch(/max-age|expires/i);
    expect((await sessionIn(jar))?.idleUntil).toBeGreaterThan(Date.now());
  });
});

describe('every answer', () => {
  it('says where it may be framed, sniffed and referred from', async () => {
    const answer = await new Jar().get(at('/connexion'));
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('referrer-policy')).toBe('same-origin');
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });

  it('takes the host of the configuration, whatever the request claims', async () => {
    const answer = await new Jar().get(at(`/auth/login/${PROVIDER}`), {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    const asked = new URL(answer.headers.get('location') ?? '').searchParams;
    expect(asked.get('redirect_uri')).toBe(at(`/auth/callback/${PROVIDER}`));
  });
});
