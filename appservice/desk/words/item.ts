/**
 * The body of an item: what, what is asked, who asks, why you, until when, and the link on a line of its own. Plain
 * text for any Matrix client.
 */
import { actorOf } from '../access.ts';
import { writeDue, writeHour, writeInstant } from '../due.ts';
import type { Person, State } from '../item.ts';
import { isClosed, type Placement, REASSIGNED } from '../placement.ts';
import { cleanProse } from '../text.ts';
import { dayOf, parseInstant } from '../zone.ts';
import { capital, list, NBSP } from './typography.ts';

const TOOL_MAX = 60; // code points, as the configuration allows

/** The placement comes cleaned (`event/fit.ts`): no field holds a line end, so none can pretend to be another line. */
export function itemBody(shown: Placement, at: { tool: string; timeZone: string; now: number }): string {
  const closed = isClosed(shown);
  const title = shown.reason === REASSIGNED && shown.state === 'cancelled' ? `${shown.title} (${REASSIGNED})` : shown.title;
  return [
    `${opening(shown)} dans ${cleanProse(at.tool, TOOL_MAX)}${NBSP}: ${title}`,
    closed ? undefined : shown.summary,
    closed ? undefined : meeting(shown, at),
    closed ? doneBy(shown) : capital(asking(shown, at)),
    shown.url,
  ]
    .filter((line) => line !== undefined && line !== '')
    .join('\n');
}

/** Who closed it from a desk, for everybody who had it on hers. */
function doneBy({ lastAction }: Placement): string | undefined {
  return lastAction?.outcome === 'confirmed' ? `Fait par ${actorOf(lastAction)}` : undefined;
}

const OPENINGS: Readonly<Record<State, string>> = {
  todo: 'À traiter',
  doing: 'En cours',
  waiting: 'En attente',
  done: 'Terminé',
  cancelled: 'Annulé',
  expired: 'Expiré',
};

function opening({ state, severity, reason }: Placement): string {
  if (state === 'cancelled' && reason === REASSIGNED) return 'Retiré';
  if (isClosed({ state })) return OPENINGS[state];
  if (severity === 'urgent') return `Urgent, ${OPENINGS[state].toLocaleLowerCase('fr-FR')}`;
  return severity === 'info' ? 'Pour information' : OPENINGS[state];
}

function asking({ people, reason, dueAt }: Placement, at: { timeZone: string; now: number }): string {
  const askers = people.filter(({ role }) => role === 'by').flatMap((person) => nameOf(person) ?? []);
  return [
    askers.length > 0 ? `demandé par ${list(askers)}` : undefined,
    reason === undefined ? undefined : why(reason),
    dueAt === undefined ? undefined : writeDue(dueAt, at),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function nameOf({ name, group, mail, uid }: Person): string | undefined {
  return name ?? group ?? mail ?? uid;
}

/** A reason is what the agent is (« valideur », « en copie »); one that begins like a sentence stands as it is. */
function why(reason: string): string {
  return /^\p{Lu}/u.test(reason) ? reason : `vous êtes ${reason}`;
}

function meeting({ startsAt, endsAt, place }: Placement, at: { timeZone: string; now: number }): string | undefined {
  const when =
    startsAt === undefined ? undefined : span(parseInstant(startsAt), endsAt === undefined ? undefined : parseInstant(endsAt), at);
  return [when, place].filter((part) => part !== undefined).join(', ') || undefined;
}

/** « Mardi 1er décembre à 14 h », « Mardi 1er décembre de 14 h à 15 h 30 », « Du … au … ». */
function span(start: number, end: number | undefined, at: { timeZone: string; now: number }): string {
  const from = writeInstant(start, at);
  if (end === undefined || end <= start) return capital(from);
  if (dayOf(start, at.timeZone) !== dayOf(end, at.timeZone)) return `Du ${from} au ${writeInstant(end, at)}`;
  return `${capital(from.replace(/ à /u, ' de '))} à ${writeHour(end, at.timeZone)}`;
}
