/** The directory on real parts: who is let in, what her Matrix session is, how it ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAgent, callDirectory, claimsOf, type IdentityBed, PROVIDER, prove, startIdentityBed } from '../support/identity-bed.ts';
import { personOf } from '../support/people.ts';
import { type Opened, openAtDirectory } from '../../web/src/lib/server/internal.ts';
import type { Claimed } from '../support/plain-issuer.ts';

let bed: IdentityBed;
beforeAll(async () => {
  bed = await startIdentityBed({ signedUserinfo: true });
});
afterAll(() => bed.stop());

async function signIn(who: Claimed): Promise<Opened> {
  return openAtDirectory(bed.config, { ...(await prove(bed, who)), sharedPost: false });
}

async function refused(who: Claimed): Promise<unknown> {
  const { status, type, body } = await callDirectory(bed, 'POST', '/sessions', await prove(bed, who));
  expect(type).toContain('application/problem+json');
  expect(status).toBe(403);
  return body.code;
}

const isOpen = async (session: Opened): Promise<boolean> =>
  (await asAgent(bed, session.accessToken, '/_matrix/client/v3/account/whoami')).status === 200;
const audited = (what: string) => bed.store.selectFrom('record.audit').selectAll().where('what', '=', what).orderBy('id').execute();
const people = () => bed.store.selectFrom('record.people').select(['localpart', 'name']).orderBy('localpart').execute();

describe('the people of the configuration', () => {
  it('are known under prenom.nom before anyone signs in, and stay so at the next start', async () => {
    const before = await people();
    expect(before.map((one) => one.localpart)).toEqual([
      'bruno.leroy',
      'claire.morel',
      'ines.faure',
      'marc.roche',
      'nadia.benali',
      'paul.vidal',
    ]);
    const reached = bed.reached.length;
    await bed.directory.syncPeople();
    expect(await people()).toEqual(before);
    expect(bed.reached.length).toBe(reached);
  });

  it('are told to whoever holds items for them, once per organisation', () => {
    expect(bed.reached.filter((one) => one.localpart === 'nadia.benali').map((one) => one.organisation)).toEqual([
      'ville-claire',
      'rivebelle',
    ]);
  });
});

describe('a sign-in', () => {
  it('of a known person opens a Matrix session of hers, in her desk and her organisation’s room', async () => {
    const session = await signIn(claimsOf(personOf('claire.morel')));
    expect(session).toMatchObject({
      mxid: '@claire.morel:desk.localhost',
      localpart: 'claire.morel',
      name: 'Claire Morel',
      organisation: 'ville-claire',
    });
    const who = await asAgent(bed, session.accessToken, '/_matrix/client/v3/account/whoami');
    expect(who.body).toMatchObject({ user_id: '@claire.morel:desk.localhost', device_id: session.deviceId });
    expect(session.desks).toMatchObject([{ organisation: 'ville-claire', name: 'Ville-Claire', timeZone: 'Europe/Paris' }]);
    const joined = await asAgent(bed, session.accessToken, '/_matrix/client/v3/joined_rooms');
    expect(joined.body.joined_rooms).toEqual(expect.arrayContaining([session.desks[0]?.room, session.desks[0]?.organisationRoom]));
    expect(session.expiresAt).toBeGreaterThan(Date.now() + 11.9 * 3_600_000);
  });

  it('again is another device and the same person', async () => {
    const first = await signIn(claimsOf(personOf('paul.vidal')));
    const second = await signIn(claimsOf(personOf('paul.vidal')));
    expect(second.mxid).toBe(first.mxid);
    expect(second.deviceId).not.toBe(first.deviceId);
    expect(second.desks).toEqual(first.desks);
    expect([await isOpen(first), await isOpen(second)]).toEqual([true, true]);
  });

  it('of someone in two organisations gives both desks', async () => {
    const session = await signIn(claimsOf(personOf('nadia.benali')));
    expect(session.desks.map((desk) => desk.organisation)).toEqual(['ville-claire', 'rivebelle']);
    expect(new Set(session.desks.flatMap((desk) => [desk.room, desk.organisationRoom])).size).toBe(4);
  });

  it('of a newcomer makes her, delivers what waited, and numbers a localpart that is taken', async () => {
    const lea = await signIn(claimsOf(personOf('lea.fontaine')));
    expect(lea.localpart).toBe('lea.fontaine');
    expect(bed.reached.at(-1)).toEqual({ localpart: 'lea.fontaine', organisation: 'ville-claire' });
    const namesake = await signIn({
      ...claimsOf(personOf('lea.fontaine')),
      sub: 'other',
      email: 'l.fontaine@rivebelle.example',
      uid: 'lfontaine',
      siret: '21990002000019',
    });
    expect(namesake).toMatchObject({ localpart: 'lea.fontaine2', organisation: 'rivebelle' });
  });

  it('keeps the localpart when name and mail change', async () => {
    const session = await signIn({ ...claimsOf(personOf('lea.fontaine')), usual_name: 'Dubois', email: 'lea.dubois@ville-claire.example' });
    expect(session.localpart).toBe('lea.fontaine');
  });

  it('of a town that has no desk is refused, and audited', async () => {
    expect(await refused(claimsOf(personOf('tom.garnier')))).toBe('unknown_organisation');
    expect((await audited('session.refused')).at(-1)?.details).toMatchObject({ reason: 'unknown_organisation' });
    expect((await people()).map((one) => one.localpart)).not.toContain('tom.garnier');
  });

  it('never reaches someone of another organisation by her mail or uid', async () => {
    const claims = { ...claimsOf(personOf('claire.morel')), sub: 'stranger', siret: '21990002000019' };
    const session = await signIn(claims);
    expect(session).toMatchObject({ localpart: 'claire.morel2', organisation: 'rivebelle' });
    expect(session.desks.map((desk) => desk.organisation)).toEqual(['rivebelle']);
  });

  it('of a known identity that now comes from another organisation is refused', async () => {
    expect(await refused({ ...claimsOf(personOf('paul.vidal')), siret: '21990002000019' })).toBe('refused');
  });

  it('with the uid of one and the mail of another is refused', async () => {
    expect(await refused({ ...claimsOf(personOf('paul.vidal')), sub: 'mixed', email: personOf('marc.roche').mail })).toBe('refused');
  });

  it('of someone who left is refused, and all her sessions can be ended at once', async () => {
    const session = await signIn(claimsOf(personOf('ines.faure')));
    await bed.store.updateTable('record.people').set({ status: 'left' }).where('localpart', '=', 'ines.faure').execute();
    await bed.directory.endEverywhere('ines.faure', 'left');
    expect(await isOpen(session)).toBe(false);
    expect(await refused(claimsOf(personOf('ines.faure')))).toBe('left');
  });

  it('needs the internal token', async () => {
    for (const token of ['', 'wrong', bed.config.appservice.asToken]) {
      expect((await callDirectory(bed, 'POST', '/sessions', {}, token)).status).toBe(401);
    }
  });
});

describe('what is handed over', () => {
  it.each([
    ['another nonce', { nonce: 'another' }],
    ['an altered id_token', { idToken: 'alter' }],
    ['an unsigned userinfo', { userinfo: { sub: 'sub-marc.roche' } }],
    ['another provider’s name', { provider: 'nobody' }],
  ])('is refused with %s', async (_what, change) => {
    const proof = await prove(bed, claimsOf(personOf('marc.roche')));
    const altered = { ...proof, ...change, ...('idToken' in change && { idToken: alter(proof.idToken) }) };
    const { status } = await callDirectory(bed, 'POST', '/sessions', altered);
    expect(status).toBe('provider' in change ? 404 : 403);
  });

  it('is refused when id_token and userinfo are two people’s', async () => {
    const marc = await prove(bed, claimsOf(personOf('marc.roche')));
    const paul = await prove(bed, claimsOf(personOf('paul.vidal')));
    const { status, body } = await callDirectory(bed, 'POST', '/sessions', { ...marc, userinfo: paul.userinfo });
    expect([status, body.code]).toEqual([403, 'refused']);
  });
});

describe('a session', () => {
  it('ends with its device, tells what logout at the provider needs, and ends once', async () => {
    const proof = await prove(bed, claimsOf(personOf('marc.roche')));
    const session = await openAtDirectory(bed.config, { ...proof, sharedPost: false });
    expect((await callDirectory(bed, 'GET', `/sessions/${session.session}`)).body).toEqual({ alive: true });
    const ended = await callDirectory(bed, 'POST', `/sessions/${session.session}/end`, {
      reason: 'agent',
      accessToken: session.accessToken,
    });
    expect(ended.body).toEqual({ provider: PROVIDER, idToken: proof.idToken });
    expect(await isOpen(session)).toBe(false);
    expect((await callDirectory(bed, 'GET', `/sessions/${session.session}`)).body).toEqual({ alive: false });
    expect((await callDirectory(bed, 'POST', `/sessions/${session.session}/end`, { reason: 'agent' })).status).toBe(404);
  });

  it('ends without its token as well', async () => {
    const session = await signIn(claimsOf(personOf('marc.roche')));
    await callDirectory(bed, 'POST', `/sessions/${session.session}/end`, { reason: 'admin' });
    expect(await isOpen(session)).toBe(false);
  });

  it('ends at its time, by the sweep alone', async () => {
    const session = await signIn(claimsOf(personOf('marc.roche')));
    const other = await signIn(claimsOf(personOf('marc.roche')));
    await bed.store
      .updateTable('record.sessions')
      .set({ expires_at: new Date(Date.now() - 1000) })
      .where('id', '=', session.session)
      .execute();
    await bed.directory.sweep();
    expect([await isOpen(session), await isOpen(other)]).toEqual([false, true]);
  });

  it('keeps its id_token sealed', async () => {
    const proof = await prove(bed, claimsOf(personOf('marc.roche')));
    await callDirectory(bed, 'POST', '/sessions', proof);
    const rows = await bed.store.selectFrom('record.sessions').select('id_token').where('id_token', 'is not', null).execute();
    expect(rows.some((row) => row.id_token?.toString('latin1').includes(proof.idToken.slice(0, 40)))).toBe(false);
  });
});

describe('back-channel logout', () => {
  const send = (logoutToken: string) => callDirectory(bed, 'POST', '/sessions/backchannel', { provider: PROVIDER, logoutToken });

  it('ends the session that the provider names, and no other', async () => {
    const named = await signIn(claimsOf(personOf('marc.roche')));
    const sid = bed.issuer.sids.at(-1);
    const other = await signIn(claimsOf(personOf('marc.roche')));
    const token = await bed.issuer.logoutToken({ sid, sub: 'sub-marc.roche' });
    expect(await send(token)).toMatchObject({ status: 200, body: { ended: 1 } });
    expect([await isOpen(named), await isOpen(other)]).toEqual([false, true]);
    expect((await send(token)).status).toBe(403); // the same token twice
  });

  it('by person ends all of hers', async () => {
    const sessions = [await signIn(claimsOf(personOf('paul.vidal'))), await signIn(claimsOf(personOf('paul.vidal')))];
    await send(await bed.issuer.logoutToken({ sub: 'sub-paul.vidal' }));
    expect(await Promise.all(sessions.map(isOpen))).toEqual([false, false]);
  });

  it.each([
    ['a stranger’s key', { sub: 'sub-marc.roche' }, { stranger: true }],
    ['another audience', { sub: 'sub-marc.roche', aud: 'somebody' }, {}],
    ['another issuer', { sub: 'sub-marc.roche', iss: 'http://127.0.0.1:1' }, {}],
    ['a nonce', { sub: 'sub-marc.roche', nonce: 'n' }, {}],
    ['no logout event', { sub: 'sub-marc.roche', events: {} }, {}],
    ['neither sid nor sub', {}, {}],
  ])('is refused with %s', async (_what, claims, options) => {
    const session = await signIn(claimsOf(personOf('marc.roche')));
    expect((await send(await bed.issuer.logoutToken(claims, options))).status).toBe(403);
    expect(await isOpen(session)).toBe(true);
  });

  it('is refused with an id_token in place of a logout token', async () => {
    const { idToken } = await prove(bed, claimsOf(personOf('marc.roche')));
    expect((await send(idToken)).status).toBe(403);
  });
});

function alter(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  return [header, Buffer.from(JSON.stringify({ ...claims, sub: 'sub-claire.morel' })).toString('base64url'), signature].join('.');
}
