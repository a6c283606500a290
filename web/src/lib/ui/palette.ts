/** What the palette offers for the words typed so far: acts, places, open items; and the search in everything. */
import { foldText } from '#desk/reply/fold.ts';
import type { Row } from '#lib/desk/rows.ts';
import * as fr from '#lib/messages/fr.ts';
import type { Action } from '#desk/item.ts';
import type { Act } from './acts.ts';
import { deedsOf } from './start-act.ts';

export type Choice =
  | { kind: 'act'; id: string; label: string; act: Act }
  /** What the tool offers for the item that had the focus. */
  | { kind: 'deed'; id: string; label: string; row: Row; action: Action }
  | { kind: 'item'; id: string; label: string; row: Row }
  | { kind: 'search'; id: string; label: string; words: string };

const MOST = 8; // of each kind: more is not read

/** Every word has to be in it, without case and accents. */
export function matches(text: string, words: string): boolean {
  const folded = foldText(text);
  return foldText(words)
    .split(' ')
    .every((word) => folded.includes(word));
}

export function choicesFor(
  words: string,
  { rows, acts: all, row }: { rows: readonly Row[]; acts: readonly Act[]; row: Row | undefined },
): Choice[] {
  const deeds = row ? deedsOf(row).filter(({ label }) => matches(`${label} ${row.known.placement.title}`, words)) : [];
  const acts = all.filter((act) => act.isMove !== true && act.id !== 'palette' && act.id !== 'search' && matches(act.label, words));
  const items = words.trim() === '' ? [] : rows.filter((row) => matches(`${row.known.placement.title} ${row.tool.label}`, words));
  return [
    ...items.slice(0, MOST).map((row) => ({ kind: 'item' as const, id: row.eventId, label: row.known.placement.title, row })),
    ...(words.trim() === '' ? [] : [{ kind: 'search' as const, id: '?', label: fr.results.everywhere(words.trim()), words: words.trim() }]),
    ...deeds.map((action) => ({
      kind: 'deed' as const,
      id: action.id,
      label: fr.act.of(action.label, row?.known.placement.title ?? ''),
      row: row as Row,
      action,
    })),
    ...acts.slice(0, MOST * 2).map((act) => ({ kind: 'act' as const, id: act.id, label: act.label, act })),
  ];
}
