/**
 * The agent's session, which is a sealed cookie and nothing else on this side: any replica serves any request. Read by
 * SvelteKit's hook and by the express server, so nothing of either is imported here.
 */
import { z } from 'zod';
import { seal, sealKeys, unseal } from './seal.ts';

export type Desk = { organisation: string; name: string; timeZone: string; room: string; organisationRoom: string };

/** `accessToken` never leaves the server: no load function returns it. Instants in ms. */
export type Session = {
  id: string;
  mxid: string;
  localpart: string;
  name: string;
  deviceId: string;
  accessToken: string;
  expiresAt: number;
  provider: string;
  desks: Desk[];
  /** Set on a shared computer: it ends when nothing was done until then, or with the browser. */
  idleUntil?: number;
};

export const SHARED_IDLE_MS = 30 * 60_000; // « Poste partagé », DESIGN §4
const RENEW_AFTER_MS = 60_000; // a shared session's cookie is written at most once a minute
const MOST_BYTES = 3_500; // browsers keep 4,096 of name, value and attributes together
const USE = 'session';

/** What of the configuration a session's cookie needs. */
export type SessionSettings = {
  publicUrl: string;
  serverName: string;
  session: { cookieKeys: readonly string[] };
  organisations: readonly { id: string; name: string; timeZone: string }[];
};

/** Names and attributes of our cookies: the `__Host-` prefix needs TLS, which plain http on loopback has not. */
export function cookieRules(publicUrl: string) {
  const secure = publicUrl.startsWith('https:');
  return {
    name: (plain: string): string => (secure ? `__Host-${plain}` : plain),
    options: { path: '/', httpOnly: true, secure, sameSite: 'lax' as const },
  };
}

export const SESSION_COOKIE = 'ecritoire';

const Sealed = z.object({
  i: z.string(),
  u: z.string(),
  n: z.string(),
  d: z.string(),
  t: z.string(),
  e: z.number(),
  p: z.string(),
  x: z.number().optional(),
  /** Organisation, desk room, organisation room; name and time zone are the configuration's. */
  k: z.array(z.tuple([z.string(), z.string(), z.string()])),
});

/** The cookie's value. Desks beyond what a cookie holds are left out; the page learns of them from the homeserver. */
export async function sealSession(session: Session, config: SessionSettings): Promise<string> {
  const k = session.desks.map((desk) => [desk.organisation, desk.room, desk.organisationRoom]);
  const { id: i, mxid: u, name: n, deviceId: d, accessToken: t, expiresAt: e, provider: p, idleUntil: x } = session;
  const keys = sealKeys(config.session.cookieKeys);
  let value = await seal({ i, u, n, d, t, e, p, x, k }, { keys, use: USE });
  while (value.length > MOST_BYTES && k.length > 1) {
    k.pop();
    value = await seal({ i, u, n, d, t, e, p, x, k }, { keys, use: USE });
  }
  return value;
}

/** Undefined for a cookie that is altered, too old, idle for too long, or of another installation. */
export async function openSession(value: string | undefined, config: SessionSettings, now: number): Promise<Session | undefined> {
  if (value === undefined || value.length > 2 * MOST_BYTES) {
    return undefined;
  }
  const parsed = Sealed.safeParse(await unseal(value, { keys: sealKeys(config.session.cookieKeys), use: USE }));
  if (!parsed.success) {
    return undefined;
  }
  const { i, u, n, d, t, e, p, x, k } = parsed.data;
  const ours = u.startsWith('@') && u.endsWith(`:${config.serverName}`);
  if (!ours || e <= now || (x !== undefined && x <= now)) {
    return undefined;
  }
  const desks = k.flatMap(([organisation, room, organisationRoom]) => {
    const served = config.organisations.find((one) => one.id === organisation);
    return served ? [{ organisation, name: served.name, timeZone: served.timeZone, room, organisationRoom }] : [];
  });
  const localpart = u.slice(1, -config.serverName.length - 1);
  return { id: i, mxid: u, localpart, name: n, deviceId: d, accessToken: t, expiresAt: e, provider: p, desks, idleUntil: x };
}

/** The session with its idle time begun anew, or undefined when its cookie need not be written again. */
export function renewed(session: Session, now: number): Session | undefined {
  const idleUntil = now + SHARED_IDLE_MS;
  return session.idleUntil !== undefined && idleUntil - session.idleUntil > RENEW_AFTER_MS ? { ...session, idleUntil } : undefined;
}

/** How long the browser keeps the cookie, in seconds; undefined, on a shared computer, until it is closed. */
export function cookieAge(session: Session, now: number): number | undefined {
  return session.idleUntil === undefined ? Math.max(0, Math.floor((session.expiresAt - now) / 1000)) : undefined;
}
