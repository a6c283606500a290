/**
 * What an agent has set for herself: `fr.ecritoire.settings`, a timeline event of hers in her desk room. The latest counts;
 * what is not understood is kept as it is, so that an older page takes nothing away.
 */
import * as z from 'zod/mini';
import { MOST_MUTES, Mute } from '../mute.ts';
import { matrixSafe } from './content.ts';
import { type Draft, EVENT, type MatrixEvent } from './names.ts';

/** Seconds in which an amber action can be called back, or *twice*: it is asked about two times and then runs at once. */
export const UNDO_DELAYS = [5, 20, 60, 'twice'] as const;
export type UndoDelay = (typeof UNDO_DELAYS)[number];

export type KeySettings = {
  /** Keys of one sign are off; those with Ctrl, the arrows and Escape stay. */
  off?: boolean | undefined;
  /** By act: another sign than the usual one. */
  changed?: Readonly<Record<string, string>> | undefined;
};

/** A filtered list with a name of her own. `query`: as it stands in the page's address; `key`: the figure behind `g` that leads to it. */
export type View = { name: string; query: string; key?: string | undefined };
export const MOST_VIEWS = 20;

export type Settings = { undoDelay: UndoDelay; keys: KeySettings; views: readonly View[]; mutes: readonly Mute[] };

export const DEFAULT_SETTINGS: Settings = { undoDelay: 5, keys: {}, views: [], mutes: [] };

const LONGEST = 24_000; // characters of JSON: a person's choices are short

const Delay = z.literal(UNDO_DELAYS);
const Keys = z.object({
  off: z.optional(z.boolean()),
  changed: z.optional(z.record(z.string().check(z.maxLength(40)), z.string().check(z.minLength(1), z.maxLength(2)))),
});
const Views = z.array(
  z.object({
    name: z.string().check(z.minLength(1), z.maxLength(40)),
    query: z.string().check(z.maxLength(500)),
    key: z.optional(z.string().check(z.regex(/^[1-9]$/))),
  }),
);

/** The settings in a content; what is missing or unreadable is as usual. Total. */
export function settingsIn(content: Readonly<Record<string, unknown>> | undefined): Settings {
  return {
    undoDelay: Delay.safeParse(content?.['undoDelay']).data ?? DEFAULT_SETTINGS.undoDelay,
    keys: Keys.safeParse(content?.['keys']).data ?? DEFAULT_SETTINGS.keys,
    mutes: z.array(Mute).safeParse(content?.['mutes']).data?.slice(0, MOST_MUTES) ?? DEFAULT_SETTINGS.mutes,
    views: Views.safeParse(content?.['views']).data?.slice(0, MOST_VIEWS) ?? DEFAULT_SETTINGS.views,
  };
}

/** The event that sets what is given; all else stays as it is in `before`, the content that held so far. */
export function settingsEvent(change: Partial<Settings>, before: Readonly<Record<string, unknown>> = {}): Draft {
  return { type: EVENT.settings, content: matrixSafe({ ...before, v: 1, ...change }) };
}

export type ReadSettings = { eventId: string; sender: string; at: number; content: Record<string, unknown> };

/** Undefined for another event, one that was emptied, one of another version or beyond all measure. */
export function readSettings({ type, state_key, event_id, sender, origin_server_ts, content }: MatrixEvent): ReadSettings | undefined {
  if (type !== EVENT.settings || state_key !== undefined || content['v'] !== 1) return undefined;
  if (JSON.stringify(content).length > LONGEST) return undefined;
  return { eventId: event_id, sender, at: origin_server_ts, content };
}
