/**
 * Accounts of a Nextcloud: how an agent grants one in its own pages (Login Flow v2), how it is given back, and whom what it
 * posts may concern. https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html#login-flow-v2
 */
import { z } from 'zod';
import { type Ctx, type Grant, type Payload, shaped } from './bot.ts';
import { basic } from './io.ts';
import { linkAt } from './ocs.ts';

type Account = { loginName: string; appPassword: string };
type Config = { baseUrl: string };

const BEGIN = '/index.php/login/v2';
const LIFE_MS = 20 * 60_000; // the server forgets a flow after this
const Begun = z.object({ poll: z.object({ token: z.string().min(1).max(1000), endpoint: z.url() }), login: z.url().max(2000) });
const State = Begun.shape.poll;
const Granted = z.object({ loginName: z.string().min(1), appPassword: z.string().min(1) });

export const loginFlow: Grant<Config, Account> = {
  async begin({ io, config, clock }) {
    const answer = await io.http(BEGIN, { method: 'POST', reads: true });
    const { poll, login } = shaped(Begun, answer.json(), BEGIN);
    return { url: linkAt(login, config.baseUrl) ?? login, state: poll, untilMs: clock() + LIFE_MS };
  },
  /** 404 until she has said yes, and again afterwards: the password is given once. */
  async collect({ io, config }, state) {
    const { token, endpoint } = shaped(State, state, 'a kept flow');
    const answer = await io.http(ownAddress(endpoint, config), { method: 'POST', reads: true, json: { token }, accept: [404] });
    return answer.status === 404 ? undefined : shaped(Granted, answer.json(), endpoint);
  },
};

/** A server behind a proxy may believe that it is spoken to by plain http: she is led, and the token goes, to the connection's own origin. */
const ownAddress = (endpoint: string, { baseUrl }: Config): string => new URL(new URL(endpoint).pathname, baseUrl).href;

const APP_PASSWORD = '/ocs/v2.php/core/apppassword';

/** 401: it is gone already; 403: it is no app password. */
export async function giveBack({ io, account }: Ctx<Config, Account>): Promise<boolean> {
  if (account === undefined) return false;
  const { loginName, appPassword } = account.secret;
  const headers = { 'ocs-apirequest': 'true', ...basic(loginName, appPassword) };
  const { status } = await io.http(APP_PASSWORD, { method: 'DELETE', headers, accept: [401, 403] });
  return status !== 403;
}

const NAMES = new Set(
  'uid userid owner ownerid sharedby sharedwith shareowner sharewith affecteduser principaluri principal href'.split(' '),
);
/** Of a calendar and of those it is shared with: a path of users, or an address. */
const PRINCIPAL = /^(mailto:|(principal:)?(principals\/)?users\/)/;
const DEEPEST = 8;

/** webhook_listeners names who did it, and in its own way for each event whose file, share or calendar it is. */
export function concerned(payload: Payload, depth = 0): readonly string[] {
  if (typeof payload !== 'object' || payload === null || depth > DEEPEST) return [];
  return Object.entries(payload).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'string') return concerned(value, depth + 1);
    if (name === 'path') return /^\/([^/]+)\/files\//.exec(value)?.[1] ?? [];
    return NAMES.has(name.replace(/^\{.*\}/, '').toLowerCase()) ? [value.replace(PRINCIPAL, '')] : [];
  });
}
