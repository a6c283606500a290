/**
 * What an agent types in her desk room from any Matrix client, as a reply to an item or by itself: the desk's own words,
 * or the name of an action that a tool offers. Nothing is guessed: what fits twice is handed back as it is.
 */
import type { DeskAction } from './request.ts';
import { type Word, wordsOf } from './reply/fold.ts';
import { readWhen, type When } from './reply/when.ts';

/** `words`: none of the desk's own; perhaps an action of the item, see `matchActions`. */
export type Reply =
  | { kind: 'triage'; action: DeskAction; input?: Record<string, unknown> }
  /** She named a moment that does not exist, is over, or cannot be read; `said` are her words for it. */
  | { kind: 'moment'; problem: Exclude<When['kind'], 'at'>; said: string }
  | { kind: 'yes' | 'no' | 'cancel' | 'help' }
  | { kind: 'words'; words: readonly Word[] };

/** What is typed for it, folded. A phrase that takes more (`…`) is followed by a moment or a text. */
const WHOLE: ReadonlyMap<string, Reply> = new Map<string, Reply>(
  [
    { reply: { kind: 'triage', action: 'desk.aside' }, said: ['fait', "c'est fait", 'mettre de cote', 'mis de cote', 'de cote', 'ranger'] },
    { reply: { kind: 'triage', action: 'desk.restore' }, said: ['remettre', 'remettre dans la liste', 'restaurer', 'reprendre'] },
    { reply: { kind: 'triage', action: 'desk.seen' }, said: ['vu', 'lu'] },
    { reply: { kind: 'triage', action: 'desk.pin' }, said: ['epingler'] },
    { reply: { kind: 'triage', action: 'desk.unpin' }, said: ['desepingler', 'detacher'] },
    { reply: { kind: 'yes' }, said: ['oui'] },
    { reply: { kind: 'no' }, said: ['non'] },
    { reply: { kind: 'cancel' }, said: ['annuler', 'annule'] },
    { reply: { kind: 'help' }, said: ['aide', 'help'] },
  ].flatMap(({ reply, said }) => said.map((words) => [words, reply as Reply] as const)),
);

const SNOOZE = new Set(['reporter', 'reporte', 'repousser', 'repousse', 'decaler']);
const NOTE = new Set(['note', 'noter']);
const ON_CHANGE = new Set(["jusqu'a ce que ca change", "jusqu'au changement", 'quand ca change', 'des que ca change']);
const EMOJI: ReadonlyMap<string, DeskAction> = new Map([
  ['✅', 'desk.aside'],
  ['👀', 'desk.seen'],
  ['⏰', 'desk.snooze'],
  ['↩', 'desk.restore'],
]);

/** Reads what was typed, the quotation of what it answers left out. `now` in ms. */
export function readReply(body: string, at: { now: number; timeZone: string }): Reply {
  const said = withoutQuotation(body);
  const words = wordsOf(said);
  const text = join(words);
  const action = EMOJI.get(text);
  if (action !== undefined) return { kind: 'triage', action };
  const whole = WHOLE.get(text);
  if (whole !== undefined) return whole;
  const [first, ...rest] = words;
  if (first === undefined) return { kind: 'words', words };
  if (SNOOZE.has(first.folded)) return readSnooze(rest, at);
  if (text.startsWith('plus tard')) return readSnooze(words, at);
  if (NOTE.has(first.folded) && rest.length > 0) return { kind: 'triage', action: 'desk.note', input: { text: after(said, first) } };
  return { kind: 'words', words };
}

/** What stands behind the first word, as it was typed. */
function after(said: string, { typed: word }: Word): string {
  return said.slice(said.indexOf(word) + word.length).replace(/^\s*[»”"]?\s*:?\s*/u, '');
}

function readSnooze(said: readonly Word[], at: { now: number; timeZone: string }): Reply {
  const later = /^(?:a )?plus tard(?:$| )/u.exec(join(said))?.[0] ?? '';
  const rest = said.slice(wordsOf(later).length);
  if (ON_CHANGE.has(join(rest))) return { kind: 'triage', action: 'desk.snooze', input: { onChange: true } };
  const read = readWhen(typed(rest), at);
  if (read.kind !== 'at') return { kind: 'moment', problem: read.kind, said: typed(rest) };
  return { kind: 'triage', action: 'desk.snooze', input: { until: new Date(read.ms).toISOString() } };
}

/** Clients put what is answered before the answer, each line behind `>`, then an empty line (spec: reply fallback). */
export function withoutQuotation(body: string): string {
  const lines = body.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('>'));
  return end <= 0 ? body : lines.slice(end).join('\n').trim();
}

/** An action and what was typed after its name. */
export type Match<A> = { action: A; rest: string };

/**
 * The actions whose label or id these words begin with, the longest names only: « rejeter pièce manquante » is *Rejeter…*
 * with « pièce manquante ». More than one match is for the agent to settle.
 */
export function matchActions<A extends { id: string; label: string }>(words: readonly Word[], actions: readonly A[]): Match<A>[] {
  const matches = actions.flatMap((action) => {
    const names = [action.label, action.id].map((name) => wordsOf(name).map(({ folded }) => folded));
    const lengths = names.filter((name) => beginsWith(words, name)).map((name) => name.length);
    return lengths.length === 0 ? [] : [{ action, length: Math.max(...lengths) }];
  });
  const longest = Math.max(0, ...matches.map(({ length }) => length));
  return matches
    .filter(({ length }) => length === longest)
    .map(({ action, length }) => ({ action, rest: typed(words.slice(length)).replace(/^[:,–-]\s*/u, '') }));
}

function beginsWith(words: readonly Word[], name: readonly string[]): boolean {
  return name.length > 0 && name.length <= words.length && name.every((word, place) => words[place]?.folded === word);
}

const join = (words: readonly Word[]): string => words.map(({ folded }) => folded).join(' ');
const typed = (words: readonly Word[]): string => words.map((word) => word.typed).join(' ');
