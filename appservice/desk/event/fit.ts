/**
 * A placement that fits into a room whatever came in: cleaned and bounded first, then shortened rung by rung until the
 * event is small enough. Key, revision, title, state and the ids of the actions always stay.
 */
import type * as z from 'zod/mini';
import { without, withoutAbsent } from '../fields.ts';
import type { Action, Document, InputField, Person } from '../item.ts';
import type { LastAction, Placement } from '../placement.ts';
import { cleanProse, countPoints, hasControl, shorten } from '../text.ts';
import { isLink } from './content.ts';

type Documents = z.infer<typeof Document>;
type Field = z.infer<typeof InputField>;

const TITLE_MAX = 200; // code points, like every bound here (HOOKS.md)
const SUMMARY_MAX = 500;
const PROSE_MAX = 200;
const ID_MAX = 500;
const FIELDS_MAX = 20;

/** Cleans and bounds each field; what is within HOOKS.md's limits stays as it is. Identifiers and links are kept whole or left out. */
export function tidy(placement: Placement): Placement {
  const { key, revision, v, bot, connection, state, severity, updatedAt, dueAt, createdAt, startsAt, endsAt, count } = placement;
  const { via, lastAction } = placement;
  return withoutAbsent({
    key,
    revision,
    v,
    bot,
    connection,
    state,
    severity,
    updatedAt,
    dueAt,
    createdAt,
    startsAt,
    endsAt,
    count,
    kind: identifier(placement.kind) ?? 'autre',
    title: prose(placement.title, TITLE_MAX) ?? '…',
    summary: prose(placement.summary, SUMMARY_MAX),
    place: prose(placement.place),
    url: link(placement.url),
    joinUrl: link(placement.joinUrl),
    dossier: identifier(placement.dossier),
    reason: prose(placement.reason),
    people: placement.people.slice(0, 50).map(tidyPerson),
    documents: placement.documents?.slice(0, 50).flatMap(tidyDocument),
    actions: placement.actions.slice(0, 8).map(tidyAction),
    lastAction: lastAction && tidyLast(lastAction),
    via: via && [via.source, via.id, via.digest].every((text) => identifier(text, ID_MAX)) ? via : undefined,
  });
}

function tidyLast(last: LastAction): LastAction | undefined {
  const names = last.onBehalfOf === undefined ? [last.by, last.action] : [last.by, last.action, last.onBehalfOf];
  if (!names.every((name) => identifier(name, ID_MAX))) return undefined;
  return withoutAbsent({ ...last, byName: prose(last.byName), request: identifier(last.request, ID_MAX) });
}

function tidyPerson(person: Person): Person {
  return withoutAbsent({
    role: person.role,
    reason: prose(person.reason),
    name: prose(person.name),
    mail: identifier(person.mail, ID_MAX),
    uid: identifier(person.uid),
    matricule: identifier(person.matricule),
    mxid: identifier(person.mxid, ID_MAX),
    group: identifier(person.group),
  });
}

function tidyDocument({ name, url, mime, size }: Documents): Documents[] {
  const shown = prose(name);
  return shown !== undefined && isLink(url) ? [withoutAbsent({ name: shown, url, mime: prose(mime), size })] : [];
}

function tidyAction({ id, label, risk, repeatable, input, href }: Action): Action {
  const fields = input && Object.entries(input).slice(0, FIELDS_MAX);
  return withoutAbsent({
    id,
    risk,
    repeatable,
    label: prose(label) ?? id,
    input:
      fields &&
      Object.fromEntries(fields.flatMap(([name, field]): [string, Field][] => (identifier(name) ? [[name, tidyField(field)]] : []))),
    href: link(href),
  });
}

function tidyField(field: Field): Field {
  const { title, description, enum: choices, ...rest } = field;
  return withoutAbsent({
    ...rest,
    title: prose(title),
    description: prose(description),
    enum: choices?.map((choice) => (typeof choice === 'string' ? cleanProse(choice, PROSE_MAX) : choice)),
  });
}

function prose(text: string | undefined, max = PROSE_MAX): string | undefined {
  return text === undefined ? undefined : cleanProse(text, max) || undefined;
}

/** An identifier cut or cleaned would be another one. */
function identifier(text: string | undefined, max = PROSE_MAX): string | undefined {
  if (text === undefined || text === '' || hasControl(text) || !text.isWellFormed()) return undefined;
  return text.length <= max || countPoints(text) <= max ? text : undefined;
}

function link(url: string | undefined): string | undefined {
  return url !== undefined && isLink(url) ? url : undefined;
}

/** From what is missed least to what is missed most. Each rung also takes away what the ones before it took. */
const RUNGS: readonly ((placement: Placement) => Placement)[] = [
  (placement) => ({ ...placement, ...documents(placement, 20), people: placement.people.slice(0, 20) }),
  (placement) => ({ ...placement, ...documents(placement, 8), people: placement.people.slice(0, 8) }),
  (placement) => ({ ...placement, actions: placement.actions.map(withoutHints) }),
  (placement) => ({ ...placement, ...documents(placement, 3), people: placement.people.slice(0, 4).map(nameOnly) }),
  ({ documents: _documents, ...placement }) => ({ ...placement, ...(placement.summary && { summary: shorten(placement.summary, 200) }) }),
  (placement) => ({ ...placement, actions: placement.actions.map(({ input: _input, ...action }) => action) }),
  ({ joinUrl: _join, lastAction: _last, ...placement }) => ({ ...placement, people: placement.people.slice(0, 2) }),
  (placement) => ({
    ...placement,
    actions: placement.actions.map(({ href: _href, ...action }) => ({ ...action, label: shorten(action.label, 60) })),
  }),
  ({ summary: _summary, place: _place, dossier: _dossier, ...placement }) => ({ ...placement, people: [] }),
  ({ via: _via, reason: _reason, ...placement }) => ({ ...placement, title: shorten(placement.title, 100) }),
  ({ url: _url, ...placement }) => placement,
];

function documents({ documents: all }: Placement, max: number): Pick<Placement, 'documents'> {
  return all ? { documents: all.slice(0, max) } : {};
}

function nameOnly({ role, name, group, mail }: Person): Person {
  return withoutAbsent({ role, name: name ?? group ?? mail });
}

/** The input stays usable, only what explains it goes. */
function withoutHints({ input, ...action }: Action): Action {
  if (!input) return action;
  const bare = Object.entries(input).map(([name, field]): [string, Field] => [name, without(without(field, 'title'), 'description')]);
  return { ...action, input: Object.fromEntries(bare) };
}

/** The tidied placement, shortened until `bytesOf` says that the event made of it is at most `max`. */
export function fit(placement: Placement, { bytesOf, max }: { bytesOf: (placement: Placement) => number; max: number }): Placement {
  let fitted = tidy(placement);
  for (const shortenOnce of RUNGS) {
    if (bytesOf(fitted) <= max) return fitted;
    fitted = shortenOnce(fitted);
  }
  return fitted;
}
