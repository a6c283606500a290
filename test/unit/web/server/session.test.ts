import { describe, expect, it } from 'vitest';
import { seal, sealKeys, unseal } from '../../../../web/src/lib/server/seal.ts';
import {
  cookieAge,
  cookieRules,
  openSession,
  renewed,
  sealSession,
  type Session,
  type SessionSettings,
  SHARED_IDLE_MS,
} from '../../../../web/src/lib/server/session.ts';

const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
const NOW = Date.parse('2026-11-23T08:00:00Z');
const organisations = Array.from({ length: 20 }, (_, index) => ({
  id: `commune-numero-${String(index)}`,
  name: `Commune n° ${String(index)}`,
  timeZone: 'Europe/Paris',
  admins: [],
}));

const configOf = (cookieKeys: string[], serverName = 'desk.localhost'): SessionSettings => ({
  publicUrl: 'https://bureau.example',
  serverName,
  session: { cookieKeys },
  organisations,
});

const room = (seed: number): string =>
  `!${Buffer.from(Array.from({ length: 32 }, (_, index) => (seed * 97 + index * 61) % 256)).toString('base64url')}`;
const sessionOf = (desks: number): Session => ({
  id: 'b7e7a2c4-5d11-4b5c-9c43-5fd9c1f0b1aa',
  mxid: '@claire.morel:desk.localhost',
  localpart: 'claire.morel',
  name: 'Claire Morel',
  deviceId: 'ECRITOIRE-abcdefgh12345678',
  accessToken: 'syt_Y2xhaXJlLm1vcmVs_abcdefghijklmnopqrst_123456',
  expiresAt: NOW + 3_600_000,
  provider: 'proconnect',
  desks: organisations
    .slice(0, desks)
    .map(({ id, name, timeZone }, index) => ({ organisation: id, name, timeZone, room: room(index), organisationRoom: room(index + 100) })),
});

describe('the session’s cookie', () => {
  it('gives back the session it was made of, and tells nothing of it', async () => {
    const config = configOf([key(1)]);
    const cookie = await sealSession(sessionOf(2), config);
    expect(await openSession(cookie, config, NOW)).toEqual({ ...sessionOf(2), idleUntil: undefined });
    expect(Buffer.from(cookie, 'base64url').toString('latin1')).not.toContain('syt_');
  });

  it('stays below 3.5 kB with twenty desks, and loses none', async () => {
    const cookie = await sealSession(sessionOf(20), configOf([key(1)]));
    expect(cookie.length).toBeLessThanOrEqual(3_500);
    expect((await openSession(cookie, configOf([key(1)]), NOW))?.desks.length).toBe(20);
  });

  it('opens with the previous key too, and not once that is gone', async () => {
    const cookie = await sealSession(sessionOf(1), configOf([key(1)]));
    expect(await openSession(cookie, configOf([key(2), key(1)]), NOW)).toBeDefined();
    expect(await openSession(cookie, configOf([key(2)]), NOW)).toBeUndefined();
  });

  it('is nothing when altered anywhere', async () => {
    const config = configOf([key(1)]);
    const cookie = await sealSession(sessionOf(1), config);
    // Not the very last character: of its six bits four stand for nothing.
    for (let at = 0; at < cookie.length - 1; at += 7) {
      const altered = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1);
      expect(await openSession(altered, config, NOW), String(at)).toBeUndefined();
    }
  });

  it.each([undefined, '', 'x', '....', 'a.b.c.d.e', 'é'.repeat(100), 'A'.repeat(100_000)])(
    'is nothing when it is nonsense: %s',
    async (cookie) => {
      expect(await openSession(cookie, configOf([key(1)]), NOW)).toBeUndefined();
    },
  );

  it('is nothing when too old, of another installation, or sealed for another use', async () => {
    const config = configOf([key(1)]);
    const cookie = await sealSession(sessionOf(1), config);
    expect(await openSession(cookie, config, NOW + 3_600_000)).toBeUndefined();
    expect(await openSession(cookie, configOf([key(1)], 'elsewhere.example'), NOW)).toBeUndefined();
    const other = await seal({ i: 'x' }, { keys: sealKeys([key(1)]), use: 'sign-in' });
    expect(await unseal(other, { keys: sealKeys([key(1)]), use: 'session' })).toBeUndefined();
  });

  it('of a shared computer ends after half an hour without anything done, and with the browser', async () => {
    const config = configOf([key(1)]);
    const shared = { ...sessionOf(1), idleUntil: NOW + SHARED_IDLE_MS };
    const cookie = await sealSession(shared, config);
    expect(await openSession(cookie, config, NOW + SHARED_IDLE_MS - 1)).toBeDefined();
    expect(await openSession(cookie, config, NOW + SHARED_IDLE_MS)).toBeUndefined();
    expect(cookieAge(shared, NOW)).toBeUndefined();
    expect(renewed(shared, NOW + 30_000)).toBeUndefined();
    expect(renewed(shared, NOW + 120_000)?.idleUntil).toBe(NOW + 120_000 + SHARED_IDLE_MS);
    expect(renewed(sessionOf(1), NOW)).toBeUndefined();
  });

  it('has the __Host- prefix over TLS and a plain name without', () => {
    expect(cookieRules('https://bureau.example').name('ecritoire')).toBe('__Host-ecritoire');
    expect(cookieRules('http://127.0.0.1:8000').name('ecritoire')).toBe('ecritoire');
    expect(cookieRules('https://bureau.example').options).toEqual({ path: '/', httpOnly: true, secure: true, sameSite: 'lax' });
  });
});
