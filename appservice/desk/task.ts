/**
 * A task of the agent's own: an item of the desk itself, made by a request of hers, ended and reopened here. No tool knows
 * of it, so what she does with it is done. Pure.
 */
import * as z from 'zod/mini';
import { Due, Item, itemKey, type ItemKey } from './item.ts';
import { type Placement, place } from './placement.ts';
import type { Request } from './request.ts';
import { cleanProse } from './text.ts';

/** Its bot and its connection have one name; no tool's may have it. */
export const OWN = { id: 'tache', bot: 'tache', label: 'Mes tâches' } as const;

const TITLE_MAX = 200;
const END = { id: 'terminer', label: 'Terminer', risk: 'green', repeatable: true } as const;

const Input = z.object({ title: z.string(), dueAt: z.optional(Due) });

/** The key of what a request makes: the same request makes it once. */
export const taskKey = (request: string): ItemKey => itemKey(OWN.bot, OWN.id, request);

export const isTask = ({ bot }: Pick<Placement, 'bot'>): boolean => bot === OWN.bot;

/** What she asked for, as a placement; undefined when it has no title, or a date that is none. */
export function readTask({ eventId, input, at }: Request): Placement | undefined {
  const read = Input.safeParse(input);
  const title = read.success ? cleanProse(read.data.title, TITLE_MAX) : '';
  if (!read.success || title === '') return undefined;
  const now = new Date(at).toISOString();
  const { dueAt } = read.data;
  const item = Item.parse({
    key: taskKey(eventId),
    revision: at,
    kind: OWN.bot,
    title,
    createdAt: now,
    updatedAt: now,
    actions: [END],
    ...(dueAt !== undefined && { dueAt }),
  });
  return place(item, {});
}

/** Ended, reopened, or taken back. Each is newer than what it changes. */
export function moveTask(shown: Placement, state: 'todo' | 'done' | 'cancelled', at: number): Placement {
  return { ...shown, state, revision: Math.max(shown.revision + 1, at), updatedAt: new Date(at).toISOString() };
}
