/**
 * What a person typed, read as a command: pure. Accents, capitals, typographic quotes, a leading `!`, a mention of the
 * bot and a final mark change nothing.
 */
import { nearest } from '#desk/nearest.ts';
import type { Call, Command, Form } from './command.ts';

/** `reading` is undefined when the text is plain talk between people, which is left alone. */
export type Reading =
  | { kind: 'call'; command: Command; call: Call }
  /** The command is known, what follows is not understood. */
  | { kind: 'usage'; command: Command; near: string | undefined }
  | { kind: 'unknown'; near: string | undefined };

const LONGEST = 300; // characters; beyond, nobody typed a command
const TALK_WORDS = 3; // a mistyped command is short; a sentence that begins like one is talk

/** Letters as they are compared: no accents, no capitals. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('œ', 'oe').toLowerCase();
}

/** The words of a text, folded, without what phones add. `names` are those the bot is called by. */
export function wordsOf(text: string, names: readonly string[] = []): { words: string[]; isAddressed: boolean } {
  const said = fold(text.replace(/^(>.*\n)+\n?/u, '')) // the quoted beginning of a reply
    .replace(/["'«»‹›“”„‟‘’‚‛`*]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  const bare = names.reduce((rest, name) => withoutName(rest, fold(name)), said);
  const marked = bare.startsWith('!');
  const words = bare
    .replace(/^!+ ?/u, '')
    .replace(/[\s.?!;:,…]+$/u, '')
    .split(' ');
  return { words: words.filter((word) => word !== ''), isAddressed: marked || bare !== said };
}

/** Without the bot's name at the beginning or the end, however it was set off. */
function withoutName(text: string, name: string): string {
  const begins = text.startsWith(name) && !/^[\p{L}\p{N}_-]/u.test(text.slice(name.length));
  if (begins) return text.slice(name.length).replace(/^[\s:,]+/u, '');
  return text.endsWith(` ${name}`) ? text.slice(0, -name.length).trimEnd() : text;
}

/** Reads a text. `isAddressed` when it was surely said to the bot: then an unknown word is always answered. */
export function readCommand(
  text: string,
  { commands, names = [], isAddressed = false }: { commands: readonly Command[]; names?: readonly string[]; isAddressed?: boolean },
): Reading | undefined {
  if (text.length > LONGEST) return undefined;
  const { words, isAddressed: isCalled } = wordsOf(text, names);
  const command = findCommand(words, commands);
  if (command !== undefined) {
    const reading = readCall(command.command, words.slice(command.length));
    const isMeant = isAddressed || isCalled || words.length <= TALK_WORDS || verbsOf(command.command).includes(words[1] ?? '');
    return reading.kind === 'usage' && !isMeant ? undefined : reading;
  }
  if (words.length === 0) return isAddressed || isCalled ? { kind: 'unknown', near: undefined } : undefined;
  const near = nearestCommand(words, commands);
  const isShort = words.length <= TALK_WORDS;
  return isAddressed || isCalled || words.length === 1 || (isShort && near !== undefined) ? { kind: 'unknown', near } : undefined;
}

function findCommand(words: readonly string[], commands: readonly Command[]): { command: Command; length: number } | undefined {
  for (const length of [2, 1]) {
    const said = words.slice(0, length).join(' ');
    const command = words.length < length ? undefined : commands.find((one) => namesOf(one).includes(said));
    if (command !== undefined) return { command, length };
  }
  return undefined;
}

function namesOf({ name, aliases = [] }: Command): string[] {
  return [name, ...aliases].map(fold);
}

function verbsOf(command: Command): string[] {
  return command.role === 'admin' ? command.forms.map(({ verb }) => fold(verb)) : [];
}

function nearestCommand(words: readonly string[], commands: readonly Command[]): string | undefined {
  const byName = new Map(commands.flatMap((command) => namesOf(command).map((name) => [name, command.name] as const)));
  const near = nearest(words[0] ?? '', [...byName.keys()]) ?? nearest(words.slice(0, 2).join(' '), [...byName.keys()]);
  return near === undefined ? undefined : byName.get(near);
}

function readCall(command: Command, words: readonly string[]): Reading {
  if (command.role === 'operator') {
    const isFit = words.length <= (command.takes === undefined ? 0 : 1);
    const about = words[0] === undefined ? {} : { about: words[0] };
    return isFit ? { kind: 'call', command, call: { verb: '', page: 1, ...about } } : { kind: 'usage', command, near: undefined };
  }
  const [first] = command.forms;
  const form = command.forms.find(({ verb }) => verb !== '' && fold(verb) === words[0]);
  const call = form === undefined ? takeRest(first, words) : takeRest(form, words.slice(1));
  if (call !== undefined) return { kind: 'call', command, call };
  const verbs = command.forms.map(({ verb }) => verb).filter((verb) => verb !== '');
  return { kind: 'usage', command, near: form === undefined ? nearest(words[0] ?? '', verbs) : undefined };
}

const NUMBER = /^(?:n|no|n°|#)?\s*0*([1-9]\d{0,14})$/u;

function takeRest({ verb, takes }: Form, words: readonly string[]): Call | undefined {
  if (takes === 'command' && words.length > 0) return { verb, page: 1, about: words.join(' ') };
  const [said, ...more] = words.filter((word) => !['n', 'no', 'n°', 'page', '#'].includes(word));
  if (more.length > 0) return undefined;
  if (said === undefined) return takes === 'number' || takes === 'number or all' ? undefined : { verb, page: 1 };
  if (takes === undefined) return undefined;
  if (takes === 'number or all' && ['tout', 'tous', 'toutes'].includes(said)) return { verb, page: 1, target: 'all' };
  const number = Number(NUMBER.exec(said)?.[1]);
  if (Number.isNaN(number)) return undefined;
  return takes === 'page' ? { verb, page: number } : { verb, page: 1, target: number };
}
