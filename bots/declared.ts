/**
 * What declared sources (files, mails) have in common: named values → an item, as the connection's configuration says. A text
 * is a name, or a sentence with names in braces.
 */
import { z } from 'zod';
import { quote } from '#desk/words/typography.ts';
import type { ItemDraft } from './draft.ts';
import { readFrenchDate, readFrenchDeadline } from './french-when.ts';
import { fold } from './table.ts';

export type Values = Readonly<Record<string, string>>;

const name = (describe: string) => z.string().min(1).max(200).describe(describe);
const words = (describe: string) => z.array(name('Mot')).max(50).describe(describe);
/** « Congés de {Prénom} {Nom} » */
const text = (describe: string) => z.string().min(1).max(500).describe(`${describe} : un nom, ou un texte avec des {noms}`);

/** A regular expression; what its `(?<names>)` catch are the values of the rule. */
export const pattern = (describe: string) =>
  z
    .string()
    .min(1)
    .max(500)
    .refine(compiles, 'attendu : une expression régulière')
    .describe(`${describe} : expression régulière, dont les (?<noms>) sont des valeurs`);

function compiles(source: string): boolean {
  try {
    return new RegExp(source, 'iu') instanceof RegExp;
  } catch {
    return false;
  }
}

const Agent = z
  .strictObject({
    mail: name('Adresse de messagerie').optional(),
    uid: name('Identifiant de connexion').optional(),
    matricule: name('Matricule').optional(),
    group: name('Groupe de l’annuaire').optional(),
  })
  .refine((agent) => Object.keys(agent).length > 0, 'attendu : mail, uid, matricule ou group');

/** Compared without accents and capitals. */
const StateWords = z.strictObject({
  column: name('Où l’état est dit'),
  closed: words('États où plus rien n’est demandé'),
  cancelled: words('États où la demande est abandonnée').default([]),
  open: words('États où l’objet attend ; avec cette liste, tout autre état est refusé').optional(),
});

/** The part of a source's schema that says what its values mean. */
export const Declared = z.object({
  title: text('Titre'),
  summary: text('Précisions').optional(),
  agent: Agent.describe('À qui l’objet s’adresse ; plusieurs personnes se séparent par un point-virgule'),
  due: name('Échéance').optional(),
  modified: name('Date de modification, si l’outil la donne').optional(),
  link: text('Lien vers l’outil (son hôte est dans « hosts »)').optional(),
  dossier: text('Numéro commun à plusieurs outils').optional(),
  state: StateWords.optional().describe('L’état'),
});
export type Declared = z.infer<typeof Declared>;

/** What the `(?<names>)` of regular expressions catch. */
export function caughtBy(...patterns: readonly string[]): string[] {
  return patterns.flatMap((one) => [...one.matchAll(/\(\?<([^=!>]+)>/g)].map(([, caught = '']) => caught));
}

/** Every name that a declaration uses; `more`: another text of its. */
export function namesOf({ title, summary, agent, due, modified, link, dossier, state }: Declared, more?: string): string[] {
  const texts = [title, summary, link, dossier, more].flatMap((one) => (one === undefined ? [] : namesIn(one)));
  return [...new Set([...texts, ...Object.values(agent), ...[due, modified, state?.column].filter((one) => one !== undefined)])];
}

/** `state`: known otherwise than by a word among the values. */
type Source = { key: string; kind: string; values: Values; state?: 'done' | 'cancelled' };

/** The item, or everything that keeps it from being one, in French. */
export function readDeclared(
  { key, kind, values, state: known }: Source,
  declared: Declared,
  timeZone: string,
): ItemDraft | { faults: string[] } {
  const faults: string[] = [];
  const date = (one: string | undefined, read: typeof readFrenchDate): string | undefined => {
    const found = one === undefined ? {} : read(valueOf(values, one), timeZone);
    if (!('fault' in found)) return found.at;
    faults.push(`date ${WORDS[found.fault]} ${quote(valueOf(values, one ?? ''))} (${quote(one ?? '')})`);
    return undefined;
  };
  const [title, people] = [fill(declared.title, values), peopleOf(values, declared.agent)];
  const state = known ?? stateOf(values, declared.state);
  if (key === '') faults.push('identifiant vide');
  if (key.length > LONGEST_KEY) faults.push('identifiant de plus de 200 caractères');
  if (title === '') faults.push('titre vide');
  if (state === undefined) faults.push(`état inconnu ${quote(valueOf(values, declared.state?.column ?? ''))}`);
  if (people.length > MOST_PEOPLE) faults.push(tooMany());
  if (people.length === 0 && state === 'todo') faults.push('aucune personne à qui le remettre');
  if (people.some(({ mail }) => mail !== undefined && !/^[^\s@]+@[^\s@]+$/.test(mail))) faults.push('adresse de messagerie illisible');
  const modified = date(declared.modified, readFrenchDate);
  const said = {
    summary: fill(declared.summary, values),
    dossier: fill(declared.dossier, values),
    url: fillLink(declared.link, values),
    dueAt: date(declared.due, readFrenchDeadline) ?? '',
  };
  if (faults.length > 0) return { faults };
  return {
    key,
    ...(modified !== undefined && { revision: Date.parse(modified) }),
    kind,
    title,
    state: state ?? 'todo',
    people,
    ...Object.fromEntries(Object.entries(said).filter(([, one]) => one !== '')),
  };
}

const LONGEST_KEY = 200;
const WORDS = { unreadable: 'illisible', impossible: 'impossible' } as const;

/** The names in a declared text: itself, or those in braces. */
function namesIn(declared: string): string[] {
  return declared.includes('{') ? [...declared.matchAll(/\{([^{}]+)\}/g)].map(([, one = '']) => one) : [declared];
}

/** A text with each `{name}` in its place; what is empty leaves no double space. */
export function fill(declared: string | undefined, values: Values, write = (value: string) => value): string {
  if (declared === undefined) return '';
  if (!declared.includes('{')) return valueOf(values, declared);
  const filled = declared.replace(/\{([^{}]+)\}/g, (_, one: string) => write(valueOf(values, one)));
  return filled.replace(/\s+/g, ' ').trim();
}

/** A link made of something that is empty leads nowhere. A link that is itself a value is taken as it is. */
function fillLink(declared: string | undefined, values: Values): string {
  const isEmpty = declared !== undefined && namesIn(declared).some((one) => valueOf(values, one) === '');
  return isEmpty ? '' : fill(declared, values, encode);
}

/** A lone half of a pair has no place in an address, and throws. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Undefined for a word that the declaration does not know although it lists all. */
function stateOf(values: Values, state: Declared['state']): 'todo' | 'done' | 'cancelled' | undefined {
  if (state === undefined) return 'todo';
  const said = fold(valueOf(values, state.column));
  const isIn = (list: readonly string[]): boolean => list.some((word) => fold(word) === said);
  if (isIn(state.closed)) return 'done';
  if (isIn(state.cancelled)) return 'cancelled';
  return state.open === undefined || isIn(state.open) ? 'todo' : undefined;
}

/** Of an item. A group of the directory has room for more. */
export const MOST_PEOPLE = 50;
export const tooMany = (): string => `plus de ${MOST_PEOPLE} personnes (un groupe de l’annuaire en dit davantage)`;

const LONGEST_LIST = 10_000; // of fifty addresses, with names

/** Without the names that stand beside addresses (« Claire Morel <claire@…> »), and of links the address. */
function bareMails(said: string): string {
  if (said.length > LONGEST_LIST) return said;
  return said.replace(/(?:"[^"]*"\s*|(?<![^"<>;,])[^"<>;,]*)<([^<>]*)>/g, ' $1').replace(/\bmailto:/gi, '');
}

function peopleOf(values: Values, agent: Declared['agent']): NonNullable<ItemDraft['people']> {
  return Object.entries(agent).flatMap(([kind, one]) => {
    const said = valueOf(values, one);
    const parts = kind === 'mail' ? bareMails(said).split(/[;,\s]+/) : said.split(/[;|\n]+/);
    const filled = parts.map((part) => part.trim()).filter((part) => part !== '');
    return filled.map((part) => ({ role: 'for' as const, [kind]: kind === 'mail' ? part.toLowerCase() : part }));
  });
}

/** Only what is there itself: a column may be named like something every object has. */
export function valueOf(values: Values, one: string): string {
  return Object.hasOwn(values, one) ? (values[one] ?? '') : '';
}
