/**
 * States in rooms, all by the desk bot: what makes a room a desk, the indicators, the tools' health, the announcements.
 * State is never forgotten, so nothing personal stands in it but the agent's mxid.
 */
import * as z from 'zod/mini';
import { without } from '../fields.ts';
import { Instant, Slug } from '../item.ts';
import { ToolState } from '../indicator.ts';
import { cleanProse } from '../text.ts';
import { parseInstant } from '../zone.ts';
import { matrixSafe } from './content.ts';
import { EVENT, type MatrixEvent, type StateDraft } from './names.ts';

const DeskContent = z.object({ v: z.literal(1), agent: z.optional(z.string()), service: z.optional(z.string()), organisation: Slug });

/** `agent` is an mxid; a service desk has `service` in its place. */
export function deskStateContent(desk: { agent?: string; service?: string; organisation: string }): Record<string, unknown> {
  return matrixSafe({ v: 1, ...desk });
}

/** Whose desk a room says it is; exactly one of agent and service. */
export function readDesk(event: MatrixEvent): { agent?: string; service?: string; organisation: string; sender: string } | undefined {
  if (event.type !== EVENT.desk || event.state_key !== '') return undefined;
  const read = DeskContent.safeParse(event.content);
  if (!read.success || (read.data.agent === undefined) === (read.data.service === undefined)) return undefined;
  return { ...without(read.data, 'v'), sender: event.sender };
}

/** The indicator of a connection; its content is made by `toolState`. */
export function toolStateEvent(state: ToolState, connection: string): StateDraft {
  return { type: EVENT.tool, stateKey: connection, content: matrixSafe(state) };
}

export type ReadTool = ToolState & { connection: string; sender: string };

export function readTool(event: MatrixEvent): ReadTool | undefined {
  if (event.type !== EVENT.tool || !event.state_key) return undefined;
  const read = ToolState.safeParse(event.content);
  return read.success ? { ...read.data, connection: event.state_key, sender: event.sender } : undefined;
}

/** The closed list of health words (BOT-CONTRACT). */
export const HealthWord = z.enum(['starting', 'connected', 'retrying', 'bad_credentials', 'misconfigured', 'stopped']);
export type HealthWord = z.infer<typeof HealthWord>;

const ConnectionContent = z.object({
  v: z.literal(1),
  bot: Slug,
  label: z.string(),
  health: HealthWord,
  since: Instant,
  lastSuccess: z.optional(Instant),
  expectEvery: z.optional(z.int().check(z.positive())),
});

export type ConnectionHealth = {
  connection: string;
  bot: string;
  label: string;
  word: HealthWord;
  /** ms: when the word last changed. */
  since: number;
  /** ms: the last delivery or sweep that went well. */
  lastSuccess?: number | undefined;
  /** Seconds; without it nothing is ever « sans nouvelle ». */
  expectEvery?: number | undefined;
};

export function connectionState({ connection, bot, label, word, since, lastSuccess, expectEvery }: ConnectionHealth): StateDraft {
  return {
    type: EVENT.connection,
    stateKey: connection,
    content: matrixSafe({ v: 1, bot, label, health: word, since: instant(since), lastSuccess: instant(lastSuccess), expectEvery }),
  };
}

export function readConnection(event: MatrixEvent): (ConnectionHealth & { sender: string }) | undefined {
  if (event.type !== EVENT.connection || !event.state_key) return undefined;
  const read = ConnectionContent.safeParse(event.content);
  if (!read.success) return undefined;
  const { bot, label, health, since, lastSuccess, expectEvery } = read.data;
  return {
    connection: event.state_key,
    sender: event.sender,
    bot,
    label,
    word: health,
    since: parseInstant(since),
    ...(lastSuccess !== undefined && { lastSuccess: parseInstant(lastSuccess) }),
    ...(expectEvery !== undefined && { expectEvery }),
  };
}

const BannerContent = z.object({
  v: z.literal(1),
  text: z.string().check(z.minLength(1)),
  level: z.enum(['info', 'warning', 'alert']),
  from: z.optional(Instant),
  until: z.optional(Instant),
});

const BANNER_MAX = 500; // code points

/** `id` is the state key; `from` and `until` in ms. */
export type Banner = {
  id: string;
  text: string;
  level: 'info' | 'warning' | 'alert';
  from?: number | undefined;
  until?: number | undefined;
};

export function bannerState({ id, text, level, from, until }: Banner): StateDraft {
  const content = { v: 1, text: cleanProse(text, BANNER_MAX), level, from: instant(from), until: instant(until) };
  return { type: EVENT.banner, stateKey: id, content: matrixSafe(content) };
}

/** An announcement; undefined once it was taken back (empty content). */
export function readBanner(event: MatrixEvent): (Banner & { sender: string }) | undefined {
  if (event.type !== EVENT.banner || event.state_key === undefined) return undefined;
  const read = BannerContent.safeParse(event.content);
  if (!read.success) return undefined;
  const { text, level, from, until } = read.data;
  return {
    id: event.state_key,
    sender: event.sender,
    text,
    level,
    ...(from !== undefined && { from: parseInstant(from) }),
    ...(until !== undefined && { until: parseInstant(until) }),
  };
}

function instant(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
