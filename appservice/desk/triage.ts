/**
 * Triage: what the agent decided at her desk. Folded from her own requests in room order by this one function, which web,
 * store and rebuild share. Nothing here is ever done at a tool.
 */
import { without } from './fields.ts';
import { Due, type State } from './item.ts';
import { isClosed } from './placement.ts';
import { isDeskAction, type Request } from './request.ts';
import { cleanLines, countPoints, shorten } from './text.ts';
import { isDay } from './due.ts';
import { morningOf, nextWorkingMorning, parseInstant } from './zone.ts';

export { isDeskAction };

export type Triage = {
  seen: boolean;
  aside: boolean;
  /** ms: put off until then. */
  snoozedUntil?: number;
  /** Set aside or put off until the item moves past this revision. With `snoozedUntil`, whichever comes first ends it. */
  snoozedRevision?: number;
  pinned: boolean;
  note?: string;
};

export const NO_TRIAGE: Triage = { seen: false, aside: false, pinned: false };

export const NOTE_MAX = 500; // code points
const LAST_MS = Date.parse('9999-12-31T00:00:00Z'); // as far as an instant in words goes

/** Where and when a request is read. `revision` is that of the item just before it. */
export type Reading = { timeZone: string; revision?: number | undefined };

/**
 * Folds requests in room order, redacted ones already left out; a request id that comes twice counts once. `revisionAt`
 * tells the revision an item had when a request came that does not say it itself.
 */
export function fold(
  requests: readonly Request[],
  { timeZone, revisionAt }: { timeZone: string; revisionAt?: (item: string, request: Request) => number | undefined },
): Map<string, Triage> {
  const folded = new Map<string, Triage>();
  const read = new Set<string>();
  for (const request of requests) {
    if (read.has(request.eventId)) continue;
    read.add(request.eventId);
    for (const item of request.items) {
      const revision = revisionAt?.(item, request);
      folded.set(item, apply(folded.get(item) ?? NO_TRIAGE, request, { timeZone, revision }));
    }
  }
  return folded;
}

/** One more request. Whatever she does with an item she has seen it; running a tool's action changes nothing else here. */
export function apply(before: Triage, request: Request, at: Reading): Triage {
  const triage = hasEnded(before, request, at) ? { ...awake(before), aside: false } : before;
  const seen = { ...triage, seen: true };
  switch (request.action) {
    case 'desk.unseen':
      return { ...triage, seen: false };
    case 'desk.aside':
      return { ...awake(seen), aside: true, ...asShown(request, at) };
    case 'desk.restore':
      return { ...awake(seen), aside: false };
    case 'desk.snooze':
      return { ...awake(seen), aside: false, ...snooze(request, at) };
    case 'desk.pin':
      return { ...seen, pinned: true };
    case 'desk.unpin':
      return { ...seen, pinned: false };
    case 'desk.note':
      return withNote(seen, request.input?.['text']);
    default:
      return seen;
  }
}

/** What she does with an item that is back takes it for such: it is one like the others again. */
function hasEnded({ snoozedUntil, snoozedRevision }: Triage, request: Request, at: Reading): boolean {
  const { snoozedRevision: shown } = asShown(request, at);
  return (
    (snoozedUntil !== undefined && request.at >= snoozedUntil) ||
    (snoozedRevision !== undefined && shown !== undefined && shown > snoozedRevision)
  );
}

function awake({ snoozedUntil: _until, snoozedRevision: _revision, ...rest }: Triage): Triage {
  return rest;
}

/** Without a usable input it is the next working morning, as the reaction ⏰ means it: nothing is ever put off for good. */
function snooze(request: Request, { timeZone, revision }: Reading): Pick<Triage, 'snoozedUntil' | 'snoozedRevision'> {
  const until = readUntil(request.input?.['until'], timeZone);
  const shown = request.input?.['onChange'] === true ? asShown(request, { revision }) : {};
  if (until === undefined && shown.snoozedRevision === undefined) return { snoozedUntil: nextWorkingMorning(request.at, timeZone) };
  return { ...(until !== undefined && { snoozedUntil: until }), ...shown };
}

/** The revision she saw: what is newer ends it. */
function asShown(request: Request, { revision }: Pick<Reading, 'revision'>): Pick<Triage, 'snoozedRevision'> {
  const shown = (request.items.length === 1 ? request.revision : undefined) ?? revision;
  return shown === undefined ? {} : { snoozedRevision: shown };
}

/** `until` is an instant (text, or ms) or a day, which means nine in the morning there. */
function readUntil(until: unknown, timeZone: string): number | undefined {
  if (typeof until === 'number') return Number.isSafeInteger(until) && until >= 0 && until <= LAST_MS ? until : undefined;
  const due = Due.safeParse(until);
  if (!due.success) return undefined;
  return isDay(due.data) ? morningOf(due.data, timeZone) : parseInstant(due.data);
}

function withNote(triage: Triage, text: unknown): Triage {
  const rest = without(triage, 'note');
  const note = typeof text === 'string' ? shorten(cleanLines(text), NOTE_MAX) : '';
  return note === '' ? rest : { ...rest, note };
}

/** Whether she asks to put off to a moment that is none (31 February): folded, it would be another one. */
export function hasNoMoment({ action, input }: Pick<Request, 'action' | 'input'>, timeZone: string): boolean {
  const until = input?.['until'];
  return action === 'desk.snooze' && until !== undefined && until !== null && readUntil(until, timeZone) === undefined;
}

/** Whether a note is longer than what is kept of it. */
export function isCutNote({ action, input }: Pick<Request, 'action' | 'input'>): boolean {
  const text = input?.['text'];
  return action === 'desk.note' && typeof text === 'string' && countPoints(cleanLines(text)) > NOTE_MAX;
}

/** Put off, and neither the hour nor a newer revision has ended it. */
export function isSnoozed(triage: Triage, { revision, now }: { revision: number; now: number }): boolean {
  const { snoozedUntil, snoozedRevision } = triage;
  if (snoozedUntil === undefined && snoozedRevision === undefined) return false;
  return (snoozedUntil === undefined || now < snoozedUntil) && (snoozedRevision === undefined || revision <= snoozedRevision);
}

/** Set aside or put off, and not back yet: what is set aside comes back when its object moves. */
export function isAway(triage: Triage, at: { revision: number; now: number }): boolean {
  return (triage.aside && triage.snoozedRevision === undefined) || isSnoozed(triage, at);
}

/** It was set aside or put off, and is back since: she has done nothing with it yet. */
export function isBack(triage: Triage, at: { revision: number; now: number }): boolean {
  return (triage.snoozedUntil !== undefined || triage.snoozedRevision !== undefined) && !isAway(triage, at);
}

/** On the list: the source asks something (todo, doing, waiting) and she has neither set it aside nor put it off. */
export function isOpen(placement: { state: State; revision: number }, triage: Triage, now: number): boolean {
  return !isClosed(placement) && !isAway(triage, { revision: placement.revision, now });
}
