/** What the agent decided of one item and can take back from its history, as far as the page knows her requests. Pure. */
import { splitKey } from '#desk/item.ts';
import { isClosed } from '#desk/placement.ts';
import { type DeskAction, isDeskAction, type Request } from '#desk/request.ts';
import { isTask, OWN } from '#desk/task.ts';
import type { Row } from './rows.ts';

/** `others`: how many more items the same request is about: they come along. */
export type Decision = { request: string; action: DeskAction | 'end'; at: number; others: number };

/**
 * Opening an item is told by nothing; what she typed is answered where she typed it, and taken back there. What the homeserver has not
 * named yet has the key and the line.
 */
const isTold = ({ eventId, action, source }: Request): boolean =>
  isDeskAction(action) && action !== 'desk.seen' && source !== 'reply' && !eventId.startsWith('~');

export function decisionsOn({ eventId, desk, known, act }: Row): Decision[] {
  const { placement } = known;
  const others = (items: readonly string[]): number => new Set(items).size - 1;
  if (isTask(placement) && placement.state === 'done' && act !== undefined && act.request !== '') {
    const items = desk.requests.find((one) => one.eventId === act.request)?.items ?? [];
    return [{ request: act.request, action: 'end', at: act.at, others: others(items) }];
  }
  const { bot, externalId } = splitKey(placement.key);
  const made: Decision[] =
    bot === OWN.bot && !isClosed(placement) ? [{ request: externalId, action: 'desk.task', at: known.at, others: 0 }] : [];
  // Once it is over nothing holds any more but what she has written on it.
  const decided = desk.requests
    .filter((request) => isTold(request) && request.items.includes(eventId))
    .filter(({ action }) => !isClosed(placement) || action === 'desk.note')
    .map(({ eventId: request, action, at, items }): Decision => ({ request, action: action as DeskAction, at, others: others(items) }));
  return [...made, ...decided];
}

/** Whether she has it so by what is not told there: decided before all that the page knows, or typed. */
export function isDecidedElsewhere({ eventId, desk, known, triage }: Row): boolean {
  const about = desk.requests.filter(({ items, source }) => source !== 'reply' && items.includes(eventId));
  const isMade = (action: DeskAction): boolean => about.some((request) => request.action === action);
  const { aside, pinned, note, snoozedUntil, snoozedRevision } = triage;
  const isPutOff = snoozedUntil !== undefined || (snoozedRevision !== undefined && !aside);
  const holds: [boolean, DeskAction][] = [
    [aside, 'desk.aside'],
    [isPutOff, 'desk.snooze'],
    [pinned, 'desk.pin'],
    [note !== undefined, 'desk.note'],
  ];
  return !isClosed(known.placement) && holds.some(([isSo, action]) => isSo && !isMade(action));
}
