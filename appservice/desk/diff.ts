/**
 * What changed for the person who is shown a placement: decides whether her room gets a message, an edit or nothing.
 */
import { isClosed, type Placement } from './placement.ts';

/**
 * What the room needs to agree with `next`. `via` (whence it came) and a revision that moves alone are nothing anyone
 * could see; a newer `updatedAt` is, and keeps the room's revision true for the next rebuild.
 */
export function diff(shown: Placement | undefined, next: Placement): 'first' | 'edit' | 'nothing' {
  if (!shown) return 'first';
  return isSame(visible(shown), visible(next)) ? 'nothing' : 'edit';
}

/** Only then does an edit notify: urgent and open now, and it was not both before. */
export function becameUrgent(shown: Placement | undefined, next: Placement): boolean {
  return isPressing(next) && !(shown && isPressing(shown));
}

function isPressing(placement: Placement): boolean {
  return placement.severity === 'urgent' && !isClosed(placement);
}

function visible({ via: _via, revision: _revision, ...rest }: Placement): Record<string, unknown> {
  return rest;
}

/** Deep equality of JSON values; an absent member equals `undefined` and the order of members means nothing (jsonb changes it). */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = new Map<string, unknown>(Object.entries(a));
  const right = new Map<string, unknown>(Object.entries(b));
  return [...new Set([...left.keys(), ...right.keys()])].every((name) => isSame(left.get(name), right.get(name)));
}
