/**
 * The contract of a bot: what one folder of `bots/` gives to the framework. A member that is there is a capability; there are
 * no flags. README.md says how to write one, `test/contract/bot.contract.ts` is the suite that every bot passes.
 */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { ActionId, type InputField, type Item, Slug } from '#desk/item.ts';
import type { WebhookHeaders } from './webhook.ts';
import type { Closing, ItemDraft, Rejection } from './draft.ts';
import type { Io } from './io.ts';
import type { BotLog } from './log.ts';

export { type Closing, ItemDraft, OfferedAction, type Rejection } from './draft.ts';

export const GRADES = [
  'check',
  'golden',
  'fails-closed',
  'safe-actions',
  'reauth',
  'push',
  'diagnostics',
  'docs',
  'live-tested',
  'translated',
] as const;
const Grade = z.union([z.literal('done'), z.strictObject({ todo: z.string().min(1) }), z.strictObject({ exempt: z.string().min(1) })]);
export type Grade = z.infer<typeof Grade>;

const Kind = z.strictObject({
  id: z.string().min(1).max(40),
  label: z.string().min(1).max(60),
  /** Never routed to a substitute. */
  personal: z.literal(true).optional(),
  /** HR, health, discipline: the desk shows this sentence in place of the title, and nothing else of the content. */
  neutral: z.string().min(1).max(200).optional(),
});

/** Pure data; the browser reads all of them from the generated `manifests.ts`. */
export const Manifest = z.strictObject({
  id: Slug,
  label: z.string().min(1).max(60),
  category: z.enum([
    'parapheur',
    'documents',
    'messagerie',
    'agenda',
    'finances',
    'rh',
    'marches',
    'actes',
    'assemblees',
    'formation',
    'autre',
  ]),
  /** Name of a Lucide icon. */
  icon: z.string().regex(/^[a-z0-9-]+$/),
  docs: z.url(),
  transport: z.enum(['poll', 'webhook', 'both']),
  kinds: z.array(Kind).min(1).max(40),
  /** Who keeps this bot: a team, never a person. */
  owner: z.string().min(1).max(60),
  /** Seconds between two sweeps of one account, unless the connection says otherwise. */
  every: z.int().min(5).max(86_400).default(60).optional(),
  grades: z.record(z.enum(GRADES), Grade),
});
export type Manifest = z.infer<typeof Manifest>;

/** A string of `config` or `account` that is a secret: in the configuration it is `file:` or `env:`, in the store it is sealed. */
export function secret(describe: string) {
  return z.string().min(1).max(8192).describe(describe).meta({ secret: true });
}

/** The tool's address, `https:` (`http:` on loopback, which the configuration's own check enforces). No slash at its end. */
export function baseUrl(describe: string) {
  return z
    .url({ protocol: /^https?$/, error: 'attendu : une adresse https://…' })
    .max(500)
    .transform((url) => url.replace(/\/+$/, ''))
    .describe(describe);
}

/** What a tool sent, as it sent it: untrusted. */
export type Payload = unknown;
/** Where the last sweep stopped; JSON, the bot's own matter. Undefined before the first. */
export type Cursor = unknown;

/** The agent an account is of, by what tools know people by. */
export type AgentRef = { localpart: string; mxid: string; mail?: string; uid?: string; matricule?: string };

export type Ctx<C, A> = {
  config: C;
  /** Only for a bot that declares `account`. */
  account?: { agent: AgentRef; secret: A };
  io: Io;
  log: BotLog;
  /** ms */
  clock: () => number;
  /** Of this sweep or action; in every log line of it. */
  requestId: string;
  /** The organisation's time zone. */
  timeZone: string;
  /** Keys (the tool's own ids) of what is open on desks from this account now: for tools that must be asked about each. */
  openKeys(): Promise<readonly string[]>;
};

export type Swept = {
  payloads: readonly Payload[];
  cursor?: Cursor;
  /** This is everything the tool asks now of this person (or of everybody, for a technical account): what is missing is closed. */
  complete: boolean;
  /** What stopped it half-way; told of in the connection's health. */
  fault?: DeskError;
  /** ms: look again that soon although the interval is longer (a file that is not whole yet). */
  againMs?: number;
};

/** What a `normalise` may know besides the payload. */
export type At<C> = { baseUrl: string; timeZone: string; config: C };

/** Not the bot's business: everything empty. Its business but broken: rejected, with a reason. */
export type Normalised = { items: readonly ItemDraft[]; rejected: readonly Rejection[]; closed?: readonly Closing[] };

/** A request of the tool, its body as it came. `secrets`: the connection's own, current first; with none everything is refused. */
export type RawRequest = { headers: WebhookHeaders; body: Uint8Array; secrets: readonly string[]; now: number };

/** What is acted on: the item as it stood on the desk when the agent asked. `input` was checked against the action's fields. */
export type ActOn = { key: string; item: Item; input: Readonly<Record<string, string | number | boolean>>; onBehalfOf?: AgentRef };

type ActionFields = {
  label: string;
  /** Done twice it is as done once: after a kill the framework may run it again. */
  repeatable?: true;
  input?: Record<string, z.infer<typeof InputField>>;
};

export type RunAction<C, A> = ActionFields & {
  risk: 'green' | 'amber';
  /**
   * Does it, once. Resolves with the object as the tool shows it afterwards (a payload; undefined when the tool does not say),
   * which is then normalised like any other. A DeskError says that it was not done, unless `io` knows better.
   */
  run(ctx: Ctx<C, A>, on: ActOn): Promise<Payload>;
};
/** Opened by the agent in the tool itself; `href` comes with each item. */
export type LinkAction = ActionFields & { risk: 'red' };
export type Action<C, A> = RunAction<C, A> | LinkAction;

/** She says yes in the tool's own page, and no password of hers passes through the desk (Nextcloud's Login Flow v2). */
export interface Grant<C, A> {
  /** `url`: that page; `state`: JSON, the bot's own matter, kept sealed; `untilMs`: when the tool forgets about it. */
  begin(ctx: Ctx<C, A>): Promise<{ url: string; state: unknown; untilMs: number }>;
  /** The account, for the schema to judge, once it is granted; undefined until then. A tool may give it only once. */
  collect(ctx: Ctx<C, A>, state: unknown): Promise<unknown>;
}

export interface Bot<C = unknown, A = unknown> {
  manifest: Manifest;
  config: z.ZodType<C>;
  /**
   * Present: one account per agent, which speaks only for her. Absent: a technical account, whose items name people. Its first
   * text that is no secret is the name by which the tool knows her.
   */
  account?: z.ZodType<A>;
  /** Another way to an account than its fields in a form. */
  grant?: Grant<C, A>;
  /** Gives back at the tool what the account allows. False: that is not ours to end (her own password). */
  revoke?(ctx: Ctx<C, A>): Promise<boolean>;
  /** Origins that `io` may reach; the first is that of relative paths. By default the config's `baseUrl`. */
  origins?(config: C): readonly string[];
  /** Throws a DeskError when the tool cannot be reached or refuses; returns nothing. Changes nothing at the tool. */
  check(ctx: Ctx<C, A>): Promise<void>;
  /** Reads what the tool asks now. A page that failed half-way: return what was read with `complete: false`, or throw. */
  poll?(ctx: Ctx<C, A>, cursor?: Cursor): Promise<Swept>;
  /** The tool's own push (socket, IDLE): only wakes `poll`. Resolves with what ends it; calls `lost` when it broke. */
  watch?(ctx: Ctx<C, A>, on: { wake: () => void; lost: () => void }): Promise<() => void>;
  /** What a file given by hand says (a sample of a drop, a mail), for a dry run: payloads as `poll` would have read them then. */
  readFile?(
    file: { name: string; bytes: Uint8Array },
    config: C,
    at: { now: number; timeZone: string },
  ): readonly Payload[] | Promise<readonly Payload[]>;
  /** Verifies, THEN parses; throws `auth` when it is not genuine. May return no payload: then it only wakes `poll`. */
  read?(request: RawRequest, config: C): readonly Payload[];
  /** By the tool's names for them: whose accounts such a payload may change something for, so that no other is woken. */
  concerns?(payload: Payload): readonly string[];
  /** Pure, total, deterministic. */
  normalise(payload: Payload, at: At<C>): Normalised;
  /** The object as the tool shows it now, before an amber action and after a kill; undefined when it is gone. Changes nothing. */
  reread?(ctx: Ctx<C, A>, on: { key: string; item: Item }): Promise<Payload>;
  actions: Readonly<Record<string, Action<C, A>>>;
}

/** Checks the parts that types cannot, once, when the folder is loaded. */
export function defineBot<C, A = unknown>(bot: Bot<C, A>): Bot<C, A> {
  Manifest.parse(bot.manifest);
  for (const id of Object.keys(bot.actions)) ActionId.parse(id);
  return bot;
}

export const NOTHING: Normalised = { items: [], rejected: [] };

/** A payload that is ours but broken; with `key` where it is certain which object it is. */
export function reject(reason: string, pointer?: string, key?: string): Normalised {
  return { items: [], rejected: [{ reason, ...(pointer !== undefined && { pointer }), ...(key !== undefined && { key }) }] };
}

/** The first place that is not as it must be. */
export function pointerTo({ issues }: z.ZodError): string {
  return `/${issues[0]?.path.map(String).join('/') ?? ''}`;
}

/** Reads pages to the end; what breaks after the first one leaves what was read, said to be incomplete. */
export async function collect(pages: AsyncIterable<readonly Payload[]>): Promise<Pick<Swept, 'payloads' | 'complete' | 'fault'>> {
  const payloads: Payload[] = [];
  let count = 0;
  try {
    for await (const page of pages) {
      count += 1;
      payloads.push(...page);
    }
    return { payloads, complete: true };
  } catch (error) {
    // Refused credentials are the account's matter, whatever was read before.
    if (!(error instanceof DeskError) || error.code === 'auth' || count === 0) throw error;
    return { payloads, complete: false, fault: error };
  }
}

/** An answer of the tool in the shape that is certain of it; throws `invalid` with the place that is not. */
export function shaped<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DeskError('invalid', `${what}: not the documented shape, at ${pointerTo(parsed.error)}`);
}

/** A verified body as JSON; throws `invalid` when it is none. */
export function jsonBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new DeskError('invalid', 'A genuine body that is not JSON', { cause });
  }
}
