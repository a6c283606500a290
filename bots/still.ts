/** Looking at little cost before looking at everything: while neither what a tool tells nor the desk moved, nothing is read. */
import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Ctx, Cursor, Payload, Swept } from './bot.ts';

const LONGEST_MS = 300_000; // one thing gone and one come, a new name, a next step may move no counter
const Last = z.object({ told: z.string(), atMs: z.number() });

export type Looking = {
  /** What the tool tells at little cost (counters, the names of a list); undefined when it tells nothing. */
  glance: () => Promise<unknown>;
  sweep: () => Promise<Swept>;
  /** The same as it was told during a sweep. */
  told: (swept: readonly Payload[]) => unknown;
};

/** A sweep that read nothing is not complete: it closes nothing. */
export async function unlessStill(ctx: Pick<Ctx<unknown, unknown>, 'clock' | 'openKeys'>, cursor: Cursor, of: Looking): Promise<Swept> {
  const markOf = (open: number, told: unknown): string => hash('sha256', JSON.stringify([open, told]), 'hex');
  const [last, now] = [Last.safeParse(cursor).data, ctx.clock()];
  if (last !== undefined && now - last.atMs < LONGEST_MS) {
    const told = await of.glance();
    const isStill = told !== undefined && last.told === markOf((await ctx.openKeys()).length, told);
    if (isStill) return { payloads: [], cursor, complete: false };
  }
  const swept = await of.sweep();
  return swept.complete ? { ...swept, cursor: { told: markOf(swept.payloads.length, of.told(swept.payloads)), atMs: now } } : swept;
}
