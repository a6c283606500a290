/**
 * What one delivery changes: for the object, and for each person who is shown it. Folded over the deliveries of a key in
 * the order they arrived, so that two events in one transaction end as two in a row would.
 */
import type { Delivery } from '../delivery.ts';
import { diff } from '../diff.ts';
import type { Item, State } from '../item.ts';
import { compareRevision, type Order, type Standing } from '../order.ts';
import { closePlacement, isClosed, type LastAction, place, type Placement, takeAway, type Via } from '../placement.ts';

/** What becomes of the placement's open outbox row: one is queued, an unclaimed one is dropped, or neither. */
export type Row = 'queue' | 'drop' | 'leave';

/** An object in one desk. `hasMessage`: its first message is in the room or on its way there. */
export type Shown = { placement: Placement; addressed: boolean; hasMessage: boolean; row: Row; isChanged: boolean };

/** The delivery an object was last changed by, and the state it said. */
export type Last = { via: Via; state: State };

/** An object as the store knows it; `standing` is undefined for one never heard of. `shown` is by agent (localpart). */
export type Known = {
  standing: Standing | undefined;
  closed: boolean;
  shown: Map<string, Shown>;
  last?: Last;
  isChanged: boolean;
};

/** Someone of the organisation whom a delivery addresses. */
export type Recipient = { agent: string; reason?: string };

/** Applies a delivery to what is known of its object, and says how old it is: only a `newer` one changes anything for anybody. */
export function applyDelivery(
  known: Known,
  delivery: Delivery,
  { order, recipients }: { order: Order; recipients: readonly Recipient[] },
): 'newer' | 'same' | 'late' {
  const incoming = { revision: delivery.revision, digest: delivery.contentDigest };
  const age = compareRevision(known.standing, incoming, order);
  if (age !== 'newer') return age;
  known.standing = incoming;
  known.isChanged = true;
  const { source, id, digest, contentDigest, change, lastAction } = delivery;
  const via: Via = { source, id, digest, contentDigest };
  known.last = { via, state: change.op === 'close' ? change.state : change.item.state };
  if (change.op === 'close') {
    closeAll(known, { state: change.state, revision: delivery.revision, via, lastAction });
  } else {
    showAll(known, { item: change.item, recipients, via, lastAction });
  }
  return age;
}

/**
 * Applies what an agent's own account read: it speaks for her placement alone, which is ordered by itself (two validators may
 * see one object differently, and one's sweep closes nothing of the other's).
 */
export function applyToAgent(known: Known, delivery: Delivery, agent: string): 'newer' | 'same' | 'late' {
  const { revision, contentDigest, change, lastAction } = delivery;
  const shown = known.shown.get(agent);
  const current = shown && { revision: shown.placement.revision, digest: shown.placement.via?.digest ?? '' };
  const age = compareRevision(current, { revision, digest: contentDigest }, 'time');
  if (age !== 'newer' || (change.op === 'close' && shown?.addressed !== true)) return age === 'newer' ? 'same' : age;
  const via: Via = { source: delivery.source, id: delivery.id, digest: contentDigest };
  if (change.op === 'upsert') {
    showTo(known, agent, place(change.item, { reason: change.to[0]?.reason, via, lastAction }));
  } else if (shown !== undefined) {
    known.shown.set(agent, step(shown, closePlacement(shown.placement, { state: change.state, revision, via, lastAction }), true));
  }
  known.standing = { revision: Math.max(revision, known.standing?.revision ?? 0), digest: contentDigest };
  known.closed = [...known.shown.values()].every(({ placement }) => isClosed(placement));
  known.isChanged = true;
  return 'newer';
}

function closeAll(known: Known, at: Parameters<typeof closePlacement>[1]): void {
  known.closed = true;
  for (const [agent, shown] of known.shown) {
    if (shown.addressed) known.shown.set(agent, step(shown, closePlacement(shown.placement, at), true));
  }
}

type Showing = { item: Item; recipients: readonly Recipient[]; via: Via; lastAction: LastAction | undefined };

function showAll(known: Known, { item, recipients, via, lastAction }: Showing): void {
  known.closed = isClosed(item);
  const addressed = new Set(recipients.map(({ agent }) => agent));
  for (const [agent, shown] of known.shown) {
    const isDropped = shown.addressed && !addressed.has(agent);
    if (isDropped) known.shown.set(agent, step(shown, takeAway(shown.placement, { revision: item.revision, via }), false));
  }
  for (const { agent, reason } of recipients) {
    showTo(known, agent, place(item, { reason, via, lastAction }));
  }
}

/** Shows a placement to one more person, or again to one who was shown it before: her card is edited. */
export function showTo(known: Known, agent: string, placement: Placement): void {
  const shown = known.shown.get(agent);
  const lastAction = placement.lastAction ?? shown?.placement.lastAction;
  known.shown.set(agent, step(shown, lastAction ? { ...placement, lastAction } : placement, true));
}

function step(shown: Shown | undefined, placement: Placement, addressed: boolean): Shown {
  const hasMessage = shown?.hasMessage ?? false;
  return { placement, addressed, hasMessage, row: rowFor(shown, placement), isChanged: true };
}

/** Closed before anybody was told: nobody needs to be. */
function rowFor(shown: Shown | undefined, next: Placement): Row {
  if (!shown || shown.hasMessage || !isClosed(next)) {
    return diff(shown?.placement, next) === 'nothing' ? (shown?.row ?? 'leave') : 'queue';
  }
  return isClosed(shown.placement) ? shown.row : 'drop';
}
