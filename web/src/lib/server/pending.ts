/**
 * Sign-ins under way, one short cookie each, named by their state: several tabs may sign in at once. The oldest go when
 * there are many, so that a browser's header never grows without end.
 */
import { createHash } from 'node:crypto';
import type { Cookies } from '@sveltejs/kit';
import { z } from 'zod';
import type { LoadedConfig } from '../../../../config/load.ts';
import type { Pending } from './oidc.ts';
import { seal, sealKeys, unseal } from './seal.ts';
import { cookieRules } from './session.ts';

const USE = 'sign-in';
const PREFIX = 'ecritoire-entree-';
const LIFE = 600; // seconds
const MOST = 5;
const LOGOUT = 'ecritoire-sortie';

const Sealed: z.ZodType<Pending> = z.object({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string().optional(),
  back: z.string(),
  sharedPost: z.boolean(),
  until: z.number(),
});

function named(config: LoadedConfig, state: string): string {
  return cookieRules(config.publicUrl).name(PREFIX + createHash('sha256').update(state).digest('hex').slice(0, 12));
}

export async function keepPending(cookies: Cookies, config: LoadedConfig, pending: Pending): Promise<void> {
  const { name, options } = cookieRules(config.publicUrl);
  const others = cookies.getAll().filter((cookie) => cookie.name.startsWith(name(PREFIX)));
  for (const old of others.slice(0, Math.max(0, others.length - MOST + 1))) {
    cookies.delete(old.name, options);
  }
  const value = await seal(pending, { keys: sealKeys(config.session.cookieKeys), use: USE });
  cookies.set(named(config, pending.state), value, { ...options, maxAge: LIFE });
}

/** The sign-in of this state, once: its cookie is gone afterwards. Undefined when this browser began none, or too long ago. */
export async function takePending(cookies: Cookies, config: LoadedConfig, state: string, now: number): Promise<Pending | undefined> {
  const { options } = cookieRules(config.publicUrl);
  const value = cookies.get(named(config, state));
  if (value === undefined) {
    return undefined;
  }
  cookies.delete(named(config, state), options);
  const pending = Sealed.safeParse(await unseal(value, { keys: sealKeys(config.session.cookieKeys), use: USE }));
  return pending.success && pending.data.state === state && pending.data.until > now ? pending.data : undefined;
}

/** Remembers the state of a logout at the provider, to know its way back from a link somebody made. */
export function keepLogout(cookies: Cookies, config: LoadedConfig, state: string): void {
  const { name, options } = cookieRules(config.publicUrl);
  cookies.set(name(LOGOUT), state, { ...options, maxAge: LIFE });
}

/** Whether `state` is that of the logout this browser began; it is forgotten in any case. */
export function tookLogout(cookies: Cookies, config: LoadedConfig, state: string): boolean {
  const { name, options } = cookieRules(config.publicUrl);
  const kept = cookies.get(name(LOGOUT));
  cookies.delete(name(LOGOUT), options);
  return kept !== undefined && kept === state;
}

/** A path of ours to go back to; `/` for anything that would lead elsewhere. */
export function safeBack(text: string | null, publicUrl: string): string {
  if (text === null || !text.startsWith('/') || text.length > 1000) {
    return '/';
  }
  const url = URL.parse(text, publicUrl);
  return url?.origin === new URL(publicUrl).origin && !/[\\\p{Cc}]/u.test(text) ? url.pathname + url.search : '/';
}
