/** Requests against their outcomes, and the triage that follows from them, written a second time and as simply as DESIGN §3 says it. */
import type { Comparing } from './findings.ts';
import type { RoomView } from './room-view.ts';

export type Marks = { aside: boolean; snoozed: boolean; pinned: boolean; note: string | null };

const NO_MARKS: Marks = { aside: false, snoozed: false, pinned: false, note: null };

/** What the agent decided, by message, from her requests in the order of her room. */
export function foldTriage({ requests }: RoomView): Map<string, Marks> {
  const folded = new Map<string, Marks>();
  for (const { items, action, input } of requests) {
    for (const item of items) {
      const before = folded.get(item) ?? NO_MARKS;
      folded.set(item, { ...before, ...change(action, input) });
    }
  }
  return folded;
}

function change(action: string, input: Record<string, unknown> | undefined): Partial<Marks> {
  if (action === 'desk.aside') return { aside: true, snoozed: false };
  if (action === 'desk.restore') return { aside: false, snoozed: false };
  if (action === 'desk.snooze') return { aside: false, snoozed: true };
  if (action === 'desk.pin' || action === 'desk.unpin') return { pinned: action === 'desk.pin' };
  return action === 'desk.note' && typeof input?.text === 'string' ? { note: input.text } : {};
}

/** Each request that the homeserver took is in its room once, and has one outcome: confirmed, or refused when nothing offers it. */
export async function compareRequests({ views, asked, store, findings }: Comparing): Promise<void> {
  for (const { eventId, agent, action } of asked) {
    const view = views.get(agent);
    const where = `request ${eventId} (${action}) of ${agent}`;
    const times = view?.requests.filter((request) => request.eventId === eventId).length ?? 0;
    if (times !== 1) findings.add(times === 0 ? 'lost' : 'doubled', where, `${where} is ${String(times)} times in the room`);
    const outcomes = view?.answered.get(eventId) ?? [];
    if (outcomes.length === 0) findings.add('lost', `outcome ${where}`, `${where} has no outcome`);
    if (outcomes.length > 1) findings.add('doubled', `outcome ${where}`, `${where} has ${String(outcomes.length)} outcomes`);
    const due = action.startsWith('desk.') ? 'confirmed' : 'refused';
    const wrong = outcomes.find(({ outcome }) => outcome !== due);
    if (wrong) findings.add('wrongState', `outcome ${where}`, `${where} ended ${wrong.outcome}, not ${due}`);
  }
  for (const view of views.values()) await compareTriage(view, { store, asked, findings });
}

async function compareTriage(view: RoomView, { store, asked, findings }: Pick<Comparing, 'store' | 'asked' | 'findings'>): Promise<void> {
  const folded = foldTriage(view);
  const keys = new Set(asked.filter(({ agent }) => agent === view.agent).flatMap((one) => one.keys));
  const rows = await store
    .selectFrom('work.placements')
    .select(['key', 'event_id', 'aside_at', 'snoozed_until', 'pinned_at', 'note'])
    .where('agent', '=', view.agent)
    .where('key', 'in', ['', ...keys])
    .execute();
  for (const row of rows) {
    const marks: Marks = {
      aside: row.aside_at !== null,
      snoozed: row.snoozed_until !== null,
      pinned: row.pinned_at !== null,
      note: row.note,
    };
    const decided = folded.get(row.event_id ?? '') ?? NO_MARKS;
    // Back since it moved, what she does with it next ends its being aside.
    const aside = decided.aside && view.hasMoved(row.key) ? marks.aside : decided.aside;
    const [kept, due] = [JSON.stringify(marks), JSON.stringify({ ...decided, aside })];
    const where = `triage of ${row.key} at ${view.agent}`;
    if (kept !== due) findings.add('wrongState', `${where} ${kept}`, `${where} is ${kept}, not ${due}`);
  }
}
