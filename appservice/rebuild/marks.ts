/** Triage with the times of its marks: folded by the core's own step, over the requests that `record` keeps of a room. */
import { apply, NO_TRIAGE, type Triage } from '#desk/triage.ts';
import { asRequest, type RequestRow } from '#store/requests.ts';

/** Times in ms, null where there is no mark. */
export type Marks = { triage: Triage; seenAt: number | null; asideAt: number | null; pinnedAt: number | null; at: number };

export const NO_MARKS: Marks = { triage: NO_TRIAGE, seenAt: null, asideAt: null, pinnedAt: null, at: 0 };

/** By the event id of the item's message. `rows` stand: confirmed, not redacted, in room order. */
export function foldMarks(rows: readonly RequestRow[], { sender, timeZone }: { sender: string; timeZone: string }): Map<string, Marks> {
  const folded = new Map<string, Marks>();
  for (const row of rows) {
    const request = asRequest(row, sender);
    for (const item of request.items) {
      const before = folded.get(item) ?? NO_MARKS;
      folded.set(item, date(before, apply(before.triage, request, { timeZone, revision: row.revisions[item] }), request.at));
    }
  }
  return folded;
}

function date(before: Marks, triage: Triage, at: number): Marks {
  const since = (mark: boolean, was: number | null): number | null => (mark ? (was ?? at) : null);
  return {
    triage,
    at,
    seenAt: since(triage.seen, before.seenAt),
    asideAt: since(triage.aside, before.asideAt),
    pinnedAt: since(triage.pinned, before.pinnedAt),
  };
}
