/**
 * What the desk itself asks of an agent whose account a tool refuses: one item beside her own tasks, open until she has
 * linked it again. Pure.
 */
import { Item, itemKey, type ItemKey } from './item.ts';
import { type Placement, place } from './placement.ts';
import { OWN } from './task.ts';
import { TOOL_WORDS } from './words/tool.ts';

export type Relink = { connection: string; label: string; agent: string; publicUrl: string; at: number };

/** One object per account: whoever is refused again finds the same item open again. */
export const relinkKey = ({ connection, agent }: Pick<Relink, 'connection' | 'agent'>): ItemKey =>
  itemKey(OWN.bot, OWN.id, `relier/${connection}/${agent}`);

export function relinkItem({ connection, label, agent, publicUrl, at }: Relink): Placement {
  const now = new Date(at).toISOString();
  const href = `${publicUrl}/outils#${connection}`;
  const item = Item.parse({
    key: relinkKey({ connection, agent }),
    revision: at,
    kind: 'compte',
    createdAt: now,
    updatedAt: now,
    url: href,
    title: TOOL_WORDS.relink(label),
    summary: TOOL_WORDS.accountRefused(label),
    actions: [{ id: 'relier', label: TOOL_WORDS.relinkHere, risk: 'red', href }],
  });
  return place(item, {});
}
