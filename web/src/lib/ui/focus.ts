/** Where the keyboard stands in the list, and where it goes next. */

const rowLinks = (): HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>('[data-row]')];

/** Arrows scroll as anywhere else until a row has the focus. */
export function isInList(): boolean {
  return document.activeElement?.closest('[data-event]') != null;
}

/** The event id of the row that has the focus. */
export function focusedRow(): string | undefined {
  return document.activeElement?.closest<HTMLElement>('[data-event]')?.dataset['event'];
}

export function focusRow(eventId: string): void {
  document.querySelector<HTMLElement>(`[data-event="${CSS.escape(eventId)}"] [data-row]`)?.focus();
}

/**
 * To be called before the page is drawn otherwise; the answer, called after it, gives a row the focus that it could not take yet,
 * unless she has moved on meanwhile.
 */
export function leadToRow(eventId: string): () => void {
  focusRow(eventId);
  const before = document.activeElement;
  return () => {
    const now = document.activeElement;
    if (now === before || now === document.body) focusRow(eventId);
  };
}

/** Moves the focus up or down the rows, from the open one when none has it. */
export function moveBy(step: 1 | -1): void {
  const links = rowLinks();
  const at = links.findIndex((link) => link === document.activeElement || link.closest('.row')?.contains(document.activeElement));
  const current = at < 0 ? links.findIndex((link) => link.ariaCurrent === 'true') : at;
  const next = links[current < 0 ? (step > 0 ? 0 : links.length - 1) : current + step];
  next?.focus();
  next?.closest('.row')?.scrollIntoView({ block: 'nearest' });
}

/** To be called before rows go; the answer, called after it, gives the next one that stays the focus if a row had it. */
export function leaveRows(eventIds: readonly string[]): () => void {
  const goes = (link: HTMLElement) => eventIds.includes(link.closest<HTMLElement>('[data-event]')?.dataset['event'] ?? '');
  const links = rowLinks();
  const at = links.findLastIndex(goes);
  const stays = (link: HTMLElement) => !goes(link);
  const next = at < 0 || !isInList() ? undefined : (links.slice(at).find(stays) ?? links.slice(0, at).findLast(stays));
  return () => next?.focus();
}

/** Opens the choice of when an item comes back; false when no item is open. */
export function openSnooze(): boolean {
  const menu = document.querySelector<HTMLDetailsElement>('[data-snooze]');
  if (!menu) return false;
  menu.open = true;
  menu.querySelector('button')?.focus();
  return true;
}

/** Gives the focus a place when what had it went; who has moved on meanwhile is left where she is. */
export function catchFocus(element: HTMLElement | null | undefined): void {
  if (document.activeElement === document.body) element?.focus();
}

/**
 * To be called before the rows are drawn anew; the answer, called after it, follows a row that had the focus to where it went. If it has
 * left, its neighbour takes the focus, or `last` when there is none.
 */
export function holdRow(): (last: HTMLElement | null | undefined) => void {
  const eventId = focusedRow();
  if (eventId === undefined) return () => undefined;
  const leave = leaveRows([eventId]);
  return (last) => {
    if (document.activeElement !== document.body) return;
    focusRow(eventId);
    if (document.activeElement === document.body) leave();
    catchFocus(last);
  };
}

/** From something that went: to the open item's title, else to its row, else to the page's content. */
export function leaveTo(eventId: string): void {
  const detail = document.querySelector<HTMLElement>('#detail-title');
  if (detail?.checkVisibility()) detail.focus();
  else focusRow(eventId);
  catchFocus(document.getElementById('contenu'));
}
