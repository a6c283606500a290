/** The rows that tell an agent what came of her request, and the indicators that have to be counted again. */
import { DESK_BOT } from '#desk/access.ts';
import { type Outcome, outcomeEvent, outcomeMessage, type Request } from '#desk/event.ts';
import type { Store } from '#store/open.ts';
import { enqueue, newRowId, type NewRow, toolRow } from '#store/outbox.ts';
import type { PlacementRow } from '#store/placements.ts';

/** A sentence for a person: what she did from another client, and whatever was refused, wherever she asked. `until` (ms) of *waiting*. */
export function sentenceRow(address: string, request: string, outcome: Outcome, text: string, until?: number): NewRow {
  const id = newRowId();
  return row(id, address, request, outcomeMessage({ request, outcome, text, until, row: id }));
}

/** What only programs need to know: her own page has shown it already. */
export function bareRow(address: string, request: string, outcome: Outcome, until?: number): NewRow {
  const id = newRowId();
  return row(id, address, request, outcomeEvent({ request, outcome, until, row: id }));
}

const row = (id: string, address: string, subject: string, draft: { type: string; content: Record<string, unknown> }): NewRow => ({
  id,
  address,
  kind: 'outcome',
  subject,
  sender: DESK_BOT,
  draft,
});

/** Has the indicators of these placements written anew, together with the outcome. */
export async function tell(db: Store, address: string, outcome: NewRow | undefined, moved: readonly PlacementRow[]): Promise<void> {
  const connections = [...new Set(moved.map(({ connection }) => connection))];
  await enqueue(db, [...(outcome === undefined ? [] : [outcome]), ...connections.map((connection) => toolRow(address, connection))]);
}

/** From the desk page (an action event) a bare outcome, from another client (a reaction) a sentence. */
export function confirmRow(address: string, request: Request, sentence: string | undefined): NewRow | undefined {
  if (request.action === 'desk.seen') return undefined;
  if (request.source === 'action') return bareRow(address, request.eventId, 'confirmed');
  return sentence === undefined ? undefined : sentenceRow(address, request.eventId, 'confirmed', sentence);
}
