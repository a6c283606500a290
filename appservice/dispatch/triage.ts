/** The desk's own actions: kept as requests, folded anew over everything that stands, written into the placements. */
import { fold, NO_TRIAGE, type Triage } from '#desk/triage.ts';
import type { Store } from '#store/open.ts';
import { findByEvents, keepTriage, type PlacementRow } from '#store/placements.ts';
import { asRequest, type RequestRow, standingRequests } from '#store/requests.ts';

export type Folding = { address: string; roomId: string; sender: string; timeZone: string; at: number };

/** Folds the triage of these items from the requests that stand in their room, and writes it. Answers it by event id. */
export async function refold(
  db: Store,
  items: readonly string[],
  { address, roomId, sender, timeZone, at }: Folding,
): Promise<{ moved: PlacementRow[]; triage: Map<string, Triage> }> {
  const rows = await standingRequests(db, roomId, items);
  const triage = fold(
    rows.map((row) => asRequest(row, sender)),
    { timeZone, revisionAt: revisionsOf(rows) },
  );
  const moved = await findByEvents(db, address, items);
  for (const placement of moved) await keepTriage(db, placement, triage.get(placement.event_id ?? '') ?? NO_TRIAGE, at);
  return { moved, triage };
}

function revisionsOf(rows: readonly RequestRow[]): (item: string, request: { eventId: string }) => number | undefined {
  const kept = new Map(rows.map((row) => [row.event_id, row.revisions]));
  return (item, { eventId }) => kept.get(eventId)?.[item];
}
