/**
 * One sweep of one account: what its bot read becomes deliveries, those that say something new are accepted, and what a
 * complete sweep no longer lists is closed. What changed after the sweep began is never closed by it.
 */
import { hash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Accept, Delivery, Reject } from '#desk/delivery.ts';
import { DeskError } from '#desk/errors.ts';
import { ItemKey } from '#desk/item.ts';
import type { LastAction } from '#desk/placement.ts';
import { TOOL_WORDS } from '#desk/words.ts';
import type { Store } from '#store/open.ts';
import { type Standing, standingOf } from '#store/polls.ts';
import type { Payload } from '../../bots/bot.ts';
import type { Tool, Tools } from '../tools.ts';
import { type ReadDelivery, readPayloads, type ReadResult } from './read.ts';

export type SweepParts = {
  store: Store;
  tools: Pick<Tools, 'open'>;
  accept: Accept;
  reject: Reject;
  serverName: string;
  clock: () => number;
  checkDraft: (draft: unknown) => boolean;
};

export type Swept = {
  cursor: unknown;
  listed: number;
  changed: number;
  closed: number;
  rejected: number;
  /** Why, of what was not known to be unusable before this sweep; a few of them. */
  refused: { reasons: string[]; count: number };
  complete: boolean;
  fault: DeskError | undefined;
  againMs: number | undefined;
};

const MOST_DELIVERIES = 500; // of one commit
const MOST_KEPT = 200; // of one sweep, kept one by one; a table of another shape is unusable ten thousand times over

/** Throws the bot's DeskError; anything else it threw is `bug`. Nothing is closed then. */
export async function sweep(parts: SweepParts, tool: Tool, { agent, cursor }: { agent: string; cursor: unknown }): Promise<Swept> {
  const stampMs = parts.clock();
  const started = performance.now();
  const ctx = await parts.tools.open(tool, agent);
  const { bot } = tool;
  if (bot.poll === undefined) throw new DeskError('bug', 'A bot without poll is not swept');
  const found = await onlyDeskErrors(async () => (await bot.poll?.(ctx, cursor ?? undefined)) ?? { payloads: [], complete: false, cursor });
  const scope = tool.bot.account === undefined ? '' : agent;
  const at = { tool, scope, stampMs, requestId: ctx.requestId };
  const result = readAll(parts, found.payloads, at);
  const ageMs = performance.now() - started;
  const { changed, standing, refused } = await bringIn(parts, result, { ...at, ageMs, withOpen: found.complete });
  // What cannot be used may be anything that stands here, unless it is certain which it is.
  const isCertain = found.complete && result.rejected.every(({ key }) => key !== undefined);
  const closed = isCertain ? await closeMissing(parts, standing, { ...at, result }) : 0;
  return {
    cursor: found.cursor,
    listed: result.deliveries.size,
    changed,
    closed,
    rejected: result.rejected.length,
    refused,
    complete: found.complete,
    fault: found.fault,
    againMs: found.againMs,
  };
}

/** An object with what an agent did to it, which the tool has just confirmed. */
type Done = { key: string; lastAction: LastAction | undefined };

/** Payloads that came by themselves (a webhook, the answer of an action). */
export async function bringPayloads(
  parts: SweepParts,
  tool: Tool,
  { payloads, scope, stampMs, done }: { payloads: readonly Payload[]; scope: string; stampMs: number; done?: Done },
): Promise<{ changed: number; rejected: number }> {
  const at = { tool, scope, stampMs, requestId: uuidv7() };
  const result = readAll(parts, payloads, at);
  const { changed } = await bringIn(parts, result, { ...at, ageMs: 0, withOpen: false, done });
  return { changed, rejected: result.rejected.length };
}

type At = { tool: Tool; scope: string; stampMs: number; requestId: string };

function readAll(parts: SweepParts, payloads: readonly Payload[], { tool, scope, stampMs, requestId }: At): ReadResult {
  const agent = scope === '' ? {} : { agent: { localpart: scope, mxid: `@${scope}:${parts.serverName}` } };
  return readPayloads(payloads, { tool, stampMs, requestId, digest: sha256, checkDraft: parts.checkDraft, ...agent });
}

/** Accepts what is new, closes what was said to be over, keeps aside what cannot be used. */
async function bringIn(
  parts: SweepParts,
  { deliveries, closed, rejected }: ReadResult,
  { tool, scope, requestId, ageMs, withOpen, done }: At & { ageMs: number; withOpen: boolean; done?: Done | undefined },
): Promise<{ changed: number; standing: Map<string, Standing>; refused: Swept['refused'] }> {
  const { connection } = tool;
  const listed = [...deliveries.keys(), ...closed.keys()];
  const standing = await standingOf(parts.store, { connection: connection.id, agent: scope, listed, withOpen, ageMs });
  const news = [...deliveries.values()].filter((delivery) => isNews(delivery, standing.get(delivery.key)));
  const ends = [...closed].flatMap(([key, { state, revision }]) => {
    const known = standing.get(key);
    if (known === undefined || known.isClosed || (revision ?? known.revision) < known.revision) return [];
    return [closing(key, { state, revision: revision ?? known.revision, requestId, bot: connection.bot })];
  });
  const told = [...news, ...ends].map((delivery) => (delivery.key === done?.key ? { ...delivery, lastAction: done.lastAction } : delivery));
  await acceptAll(parts, tool, scope, told);
  return { changed: news.length + ends.length, standing, refused: await keepAside(parts, connection.id, rejected) };
}

/** Each payload once, with all that is wrong with it. Answers what was not kept already. */
async function keepAside(
  parts: SweepParts,
  connection: string,
  rejected: ReadResult['rejected'],
): Promise<{ reasons: string[]; count: number }> {
  const byPayload = Map.groupBy(rejected, ({ payload }) => payload);
  const reasons: string[] = [];
  for (const [payload, faults] of [...byPayload].slice(0, MOST_KEPT)) {
    const errors = faults.map(({ pointer, reason }) => ({ pointer, detail: reason }));
    if (await parts.reject(connection, Buffer.from(JSON.stringify([payload])), errors)) reasons.push(...faults.map(({ reason }) => reason));
  }
  const more = byPayload.size - MOST_KEPT;
  if (more > 0 && reasons.length > 0) await parts.reject(connection, Buffer.from(JSON.stringify([{ more }])), [moreRejected(more)]);
  return { reasons, count: reasons.length === 0 ? 0 : reasons.length + Math.max(0, more) };
}

const moreRejected = (more: number): { pointer: string; detail: string } => ({ pointer: '', detail: TOOL_WORDS.moreRejected(more) });

function isNews({ contentDigest, revision, isStamped }: ReadDelivery, known: Standing | undefined): boolean {
  if (known === undefined) return true;
  if (known.digest === contentDigest) return !isStamped && revision > known.revision;
  return revision >= known.revision;
}

async function closeMissing(
  parts: SweepParts,
  standing: ReadonlyMap<string, Standing>,
  { tool, scope, requestId, result }: At & { result: ReadResult },
): Promise<number> {
  const unusable = new Set(result.rejected.map(({ key }) => key));
  const isListed = (key: string): boolean => result.deliveries.has(key) || result.closed.has(key) || unusable.has(key);
  const missing = [...standing.values()].filter(({ key, isClosed, isSettled }) => !isClosed && isSettled && !isListed(key));
  const ends = missing.map(({ key, revision }) => closing(key, { state: 'done', revision, requestId, bot: tool.connection.bot }));
  await acceptAll(parts, tool, scope, ends);
  return ends.length;
}

/** Without a revision of its own a close has that of what it closes: of two equal ones the later holds. */
function closing(
  key: string,
  { state, revision, requestId, bot }: { state: 'done' | 'cancelled' | 'expired'; revision: number; requestId: string; bot: string },
): Delivery {
  const digest = sha256(`close ${state} ${revision}`);
  const change = { op: 'close' as const, state };
  return {
    source: `urn:ecritoire:${bot}`,
    id: `${requestId}/close/${sha256(key)}`,
    key: ItemKey.parse(key),
    revision,
    change,
    digest,
    contentDigest: digest,
  };
}

async function acceptAll({ accept }: SweepParts, { connection }: Tool, scope: string, deliveries: readonly Delivery[]): Promise<void> {
  for (let from = 0; from < deliveries.length; from += MOST_DELIVERIES)
    await accept(connection.id, deliveries.slice(from, from + MOST_DELIVERIES), { agent: scope });
}

/** A bot's own mistake must not end more than this sweep. */
export async function onlyDeskErrors<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DeskError) throw cause;
    throw new DeskError('bug', 'A bot threw what is no DeskError', { cause });
  }
}

const sha256 = (text: string): string => hash('sha256', text, 'hex');
