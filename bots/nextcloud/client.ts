/** OCS calls of one agent. */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { collect, type Ctx, type Cursor, type Payload, shaped, type Swept } from '../bot.ts';
import type { HttpAnswer, HttpRequest } from '../io.ts';
import { CAPABILITIES, ocs, ocsHeaders, ocsRefusal, pushAddress, pushUse } from '../ocs.ts';
import type { Account, Config } from './config.ts';
import { Id, readActions } from './normalise.ts';

type Here = Ctx<Config, Account>;
type List = { status: number; etag: string | undefined; listed: unknown[] };

const NOTIFICATIONS = '/ocs/v2.php/apps/notifications/api/v2/notifications';
const MOST_IDS = 200; // of one question; more is 400
const REREAD_MS = 600_000; // a text that changed keeps the list's tag: now and then it is read without
const QUIET_MS = 3_600_000; // 204: no app of this server notifies

const Ids = z.union([z.array(Id), z.record(z.string(), Id)]); // PHP writes a list with holes as an object
const Known = z.object({ etag: z.string(), ids: z.array(z.int()), readAt: z.number(), quietUntil: z.number() }).partial();

const accountOf = ({ account }: Here): Account => account?.secret ?? { loginName: '', appPassword: '' }; // which nobody has

async function call(here: Here, path: string, { headers, ...request }: HttpRequest = {}): Promise<HttpAnswer> {
  return here.io.http(path, { refusal: ocsRefusal, ...request, headers: { ...ocsHeaders(accountOf(here)), ...headers } });
}

/** 200 with the 25 newest at most, 304, or 204. The tag is that of the ids alone. */
export async function listNotifications(here: Here, headers: Record<string, string> = {}): Promise<List> {
  const answer = await call(here, NOTIFICATIONS, { accept: [304], headers });
  const listed = answer.status === 200 ? shaped(ocs(z.array(z.unknown())), answer.json(), NOTIFICATIONS).ocs.data : [];
  return { status: answer.status, etag: answer.headers['etag'], listed };
}

/** The list is cut at 25 and lacks what its apps cannot prepare: what is open and not in it is asked about; nothing else closes it. */
export async function sweep(here: Here, cursor: Cursor): Promise<Swept> {
  const [known, now] = [Known.safeParse(cursor).data ?? {}, here.clock()];
  if (known.quietUntil !== undefined && now < known.quietUntil) return { payloads: [], cursor, complete: false };
  const tag = now - (known.readAt ?? 0) < REREAD_MS ? known.etag : undefined;
  const { status, etag, listed } = await listNotifications(here, tag === undefined ? {} : { 'if-none-match': tag });
  // Asked now, `exists` would know of nothing, and everything would be closed.
  if (status === 204) return { payloads: [], cursor: { quietUntil: now + QUIET_MS }, complete: false };
  const ids = listed.flatMap((one) => z.object({ notification_id: Id }).safeParse(one).data?.notification_id ?? []);
  const next = status === 304 ? known : { etag, ids, readAt: now };
  return { ...(await collect(pages(here, listed, next.ids ?? []))), cursor: next, complete: false };
}

async function* pages(here: Here, listed: readonly Payload[], ids: readonly number[]): AsyncGenerator<readonly Payload[]> {
  yield listed;
  const asked = (await here.openKeys()).filter((key) => /^\d{1,15}$/.test(key) && !ids.includes(Number(key))).map(Number);
  for (let from = 0; from < asked.length; from += MOST_IDS) {
    const some = asked.slice(from, from + MOST_IDS);
    const answer = await call(here, `${NOTIFICATIONS}/exists`, { method: 'POST', json: { ids: some }, reads: true, accept: [404] });
    if (answer.status === 404) return; // before 26.0.1 nobody knows: nothing is closed
    const left = new Set(Object.values(shaped(ocs(Ids), answer.json(), 'exists').ocs.data));
    yield some.filter((id) => !left.has(id)).map((gone) => ({ gone }));
  }
}

export async function getNotification(here: Here, key: string): Promise<unknown> {
  const answer = await call(here, `${NOTIFICATIONS}/${encodeURIComponent(key)}`, { accept: [404] });
  return answer.status === 404 ? undefined : shaped(ocs(z.record(z.string(), z.unknown())), answer.json(), NOTIFICATIONS).ocs.data;
}

export async function deleteNotification(here: Here, key: string): Promise<Payload> {
  await call(here, `${NOTIFICATIONS}/${encodeURIComponent(key)}`, { method: 'DELETE' });
  return { gone: Number(key) };
}

/** What the notification offers, by its verb and address as they stand now. Answers with it as it is afterwards. */
export async function follow(here: Here, key: string, id: string): Promise<Payload> {
  const action = readActions(await getNotification(here, key), here.config.baseUrl).find((one) => one.id === id);
  if (action === undefined) throw new DeskError('conflict', 'The notification does not offer it any more');
  await call(here, action.href, { method: action.verb });
  return (await getNotification(here, key)) ?? { gone: Number(key) };
}

/** notify_push, where the server has it: wakes at each change of her notifications. */
export async function listen(here: Here, on: { wake: () => void; lost: () => void }): Promise<() => void> {
  const address = pushAddress(await call(here, CAPABILITIES));
  return here.io.socket(address, pushUse(accountOf(here), { word: 'notify_notification', ...on }));
}
