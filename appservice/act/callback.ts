/**
 * Acting at a tool that has a `callback` instead of a bot (HOOKS.md, « Acting back »): a signed CloudEvent whose id stays the
 * same, so that here a repetition is harmless.
 */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { cleanProse } from '#desk/text.ts';
import type { Store } from '#store/open.ts';
import type { HttpAnswer, Io } from '../../bots/io.ts';
import type { signWebhook } from '../../bots/webhook.ts';

export type CallbackAgent = { mail?: string; uid?: string; matricule?: string };
export type CallbackAct = {
  /** Of the event: the request id, followed by its place when one request is about several items. */
  id: string;
  request: string;
  action: string;
  input: Readonly<Record<string, unknown>>;
  item: { key: string; revision: number };
  agent: CallbackAgent;
  /** For whom she acts who stands in for somebody. */
  onBehalfOf?: CallbackAgent;
};

export type CallbackRun =
  | { state: 'confirmed'; item: unknown }
  | { state: 'accepted' }
  | { state: 'refused'; why: 'moved' | 'tool'; words: string | undefined; item?: unknown }
  /** No answer, or one of the server's own trouble: it is tried again. */
  | { state: 'again'; reached: boolean };

export type CallbackOptions = { io: Io; callback: string; secret: string; source: string; sign: typeof signWebhook; now: number };

const TIMEOUT_MS = 10_000;
const STATUSES = Array.from({ length: 500 }, (_, index) => 100 + index); // every answer is looked at here
const Body = z.object({ item: z.record(z.string(), z.unknown()) });
const Problem = z.object({ detail: z.string() });

export async function callBack(act: CallbackAct, { io, callback, secret, source, sign, now }: CallbackOptions): Promise<CallbackRun> {
  const { id, ...rest } = act;
  const event = {
    specversion: '1.0',
    id,
    source,
    type: 'fr.ecritoire.action',
    time: new Date(now).toISOString(),
    datacontenttype: 'application/json',
    data: rest,
  };
  const body = JSON.stringify(event);
  const signed = sign({ secret, id, timestamp: Math.floor(now / 1000), body });
  const headers = { ...signed, 'content-type': 'application/cloudevents+json' };
  try {
    return judge(await io.http(callback, { method: 'POST', body, headers, accept: STATUSES, timeoutMs: TIMEOUT_MS, expect: 'any' }));
  } catch (error) {
    if (error instanceof DeskError && error.code === 'config' && !io.hasActed()) return { state: 'again', reached: false };
    return { state: 'again', reached: io.hasActed() };
  }
}

function judge(answer: HttpAnswer): CallbackRun {
  const { status } = answer;
  const json = jsonOf(answer);
  const item = Body.safeParse(json).data?.item;
  if (status === 202) return { state: 'accepted' };
  // A page with 200 is no « done »: only the object as it stands now is.
  if (status === 200) return item === undefined ? { state: 'again', reached: true } : { state: 'confirmed', item };
  const detail = Problem.safeParse(json).data?.detail;
  const words = detail === undefined ? undefined : cleanProse(detail, 200) || undefined;
  if (status === 409) return { state: 'refused', why: item === undefined ? 'tool' : 'moved', words, ...(item !== undefined && { item }) };
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return { state: 'refused', why: 'tool', words };
  return { state: 'again', reached: true };
}

function jsonOf(answer: HttpAnswer): unknown {
  try {
    return answer.json();
  } catch {
    return undefined; // a page, or nothing
  }
}

/** Someone by what the tool knows people by. */
export async function agentOf(store: Store, organisation: string, localpart: string): Promise<CallbackAgent> {
  const member = await store
    .selectFrom('record.memberships')
    .select(['mail', 'uid', 'matricule'])
    .where('organisation', '=', organisation)
    .where('localpart', '=', localpart)
    .executeTakeFirst();
  const known = Object.entries(member ?? {}).filter(([, value]) => value !== null);
  return Object.fromEntries(known);
}
