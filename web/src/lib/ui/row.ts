/** What a row and its detail say about an item, as data; and people's names, shortened. */
import { dueMs, isDay } from '#desk/due.ts';
import { addDays, dayOf } from '#desk/zone.ts';
import type { Action } from '#desk/item.ts';
import { isClosed, type Placement } from '#desk/placement.ts';
import type { Row } from '#lib/desk/rows.ts';
import * as fr from '#lib/messages/fr.ts';
import { dayName, full } from '#lib/messages/times.ts';
import { safeLink } from './link.ts';

type Link = { url: string; label: string };

/** The words of tools' usual kinds; any other kind is said as the tool names it, « autre » not at all. */
const KINDS: Readonly<Record<string, string>> = {
  absence: 'Absence',
  visa: 'Pour visa',
  signature: 'Pour signature',
  facture: 'Facture',
  reunion: 'Réunion',
  invitation: 'Invitation',
  acte: 'Acte',
  convocation: 'Convocation',
  courrier: 'Courrier',
  message: 'Message',
  demande: 'Demande',
  // Kinds of bots that a capital letter alone would not make a French word.
  'rendez-vous': 'Rendez-vous',
  tache: 'Tâche',
  marche: 'Marché public',
  'document-rh': 'Document RH',
  securite: 'Sécurité du compte',
};

export function sayKind(kind: string): string | undefined {
  if (kind === 'autre') return undefined;
  const known = KINDS[kind];
  if (known !== undefined) return known;
  const words = kind.replaceAll(/[-_.]+/g, ' ').trim();
  return words === '' ? undefined : words.charAt(0).toLocaleUpperCase('fr') + words.slice(1);
}

/** The people of one role, as names (a mail address or a group where no name is given). */
export function named(placement: Placement, role: 'for' | 'by' | 'cc'): string[] {
  return placement.people
    .filter((person) => person.role === role)
    .flatMap((person) => person.name ?? person.group ?? person.mail ?? person.uid ?? []);
}

/** The second line: what is asked, who asks, why you. Never empty: the tool's name at least. */
export function describe({ known: { placement }, tool }: Row): string[] {
  const state = placement.state === 'doing' ? fr.item.doing : placement.state === 'waiting' ? fr.item.waiting : undefined;
  const asked = sayKind(placement.kind) ?? tool.label;
  const [by] = named(placement, 'by');
  const why = placement.reason === undefined ? undefined : fr.item.you(placement.reason);
  return [asked, state, by, why, placement.place, placement.summary]
    .filter((part) => part !== undefined && part !== '')
    .slice(0, 4) as string[];
}

/** The one thing to do of a row: the tool's own first verb, be it done here or a deep link, else « Ouvrir ». */
export function primaryOf(placement: Placement): { action: Action } | { link: Link } | undefined {
  const action = placement.actions.find(({ risk, href }) => risk !== 'red' || safeLink(href));
  if (action !== undefined && action.risk !== 'red' && !isClosed(placement)) return { action };
  const link = primaryLink(placement);
  return link && { link };
}

/** Where to: the tool's own first verb that is a deep link, else « Ouvrir ». */
export function primaryLink(placement: Placement): Link | undefined {
  const action = placement.actions.find((one) => one.risk === 'red' && safeLink(one.href));
  if (action?.href !== undefined) return { url: action.href, label: action.label };
  return placement.url !== undefined && safeLink(placement.url) ? { url: placement.url, label: fr.item.open } : undefined;
}

/** The deadline as a full date. */
export function dueTitle({ known, desk }: Row): string {
  const { dueAt } = known.placement;
  if (dueAt === undefined) return '';
  const ms = dueMs(dueAt, desk.timeZone);
  return isDay(dueAt) ? dayName(ms, desk.timeZone) : full(ms, desk.timeZone);
}

/** The address of the list with this item chosen (none: the list alone); the filter stays. */
export function itemHref(url: { pathname: string; search: string }, eventId: string | undefined): string {
  const query = new URLSearchParams(url.search);
  query.delete('objet');
  if (eventId !== undefined) query.set('objet', eventId);
  const path = url.pathname === '/fil' ? '/fil' : '/';
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** The day after today there. */
export const tomorrow = (now: number, timeZone: string): string => addDays(dayOf(now, timeZone), 1);

/** « CM » for Claire Morel. */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => /^\p{L}/u.test(word));
  const [first, last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return [first, last].map((word) => word?.charAt(0).toLocaleUpperCase('fr') ?? '').join('');
}

/** « Claire » for Claire Morel; compound first names keep their hyphen. */
export function firstName(name: string): string {
  return name.trim().split(/\s+/)[0] ?? name;
}
