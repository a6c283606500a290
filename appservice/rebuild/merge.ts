/**
 * A card of the room beside what was accepted while the store did not know it: the newer one wins, as at the door. Pure.
 */
import type { Last } from '#desk/delivery/decide.ts';
import { diff } from '#desk/diff.ts';
import { type Order, compareRevision } from '#desk/order.ts';
import { closePlacement, type Placement, REASSIGNED, takeAway } from '#desk/placement.ts';

/** `row`: the room is told, or an open row would only repeat what it shows. */
export type Merged = { placement: Placement; addressed: boolean; row: 'queue' | 'drop' };

/** How the object stands in the store; `last` when it was accepted since the store lost the room. */
export type Accepted = { revision: number; digest: string; closed: boolean; last: Last | null };

/** Taken away from this person: the object goes on for others. */
export function isTakenAway({ state, reason }: Placement): boolean {
  return state === 'cancelled' && reason === REASSIGNED;
}

/** Whether what was accepted meanwhile is older than what the room shows, or the same. */
export function isOverruled(shown: Placement, accepted: Accepted, order: Order): boolean {
  return accepted.last !== null && !isNewer(shown, accepted, order);
}

function isNewer(shown: Placement, { revision, digest }: Pick<Accepted, 'revision' | 'digest'>, order: Order): boolean {
  const standing = { revision: shown.revision, digest: shown.via?.contentDigest ?? '' };
  return compareRevision(standing, { revision, digest }, order) === 'newer';
}

/** `kept`: what was accepted meanwhile for this very person. */
export function merge(
  shown: Placement,
  { accepted, kept, order }: { accepted: Accepted; kept: { placement: Placement; addressed: boolean } | undefined; order: Order },
): Merged {
  const asShown: Merged = { placement: shown, addressed: !isTakenAway(shown), row: 'drop' };
  if (kept !== undefined) {
    const { revision } = kept.placement;
    if (!isNewer(shown, { revision, digest: revision === accepted.revision ? accepted.digest : '' }, order)) return asShown;
    const { lastAction } = shown;
    const placement = lastAction === undefined ? kept.placement : { lastAction, ...kept.placement };
    return { placement, addressed: kept.addressed, row: rowFor(shown, placement) };
  }
  const { last, revision, closed } = accepted;
  if (last === null || !asShown.addressed || !isNewer(shown, accepted, order)) return asShown;
  const { via, state } = last;
  if (!closed) {
    const placement = takeAway(shown, { revision, via });
    return { placement, addressed: false, row: rowFor(shown, placement) };
  }
  const ended = state === 'cancelled' || state === 'expired' ? state : 'done';
  const placement = closePlacement(shown, { state: ended, revision, via });
  return { placement, addressed: true, row: rowFor(shown, placement) };
}

const rowFor = (shown: Placement, next: Placement): 'queue' | 'drop' => (diff(shown, next) === 'nothing' ? 'drop' : 'queue');
