/**
 * When something put off comes back, as a colleague types it: « lundi 9h », « demain soir », « dans 3 jours »,
 * « le 4 décembre », « 15/12 14 h 30 ». Wall clocks are those of the organisation's time zone.
 */
import { addDays, atWall, dayOf, HOUR_MS, MINUTE_MS, nextWorkingMorning, weekday } from '../zone.ts';
import { foldText } from './fold.ts';

/**
 * `impossible`: no such day or hour (31/02, 25 h); `far`: in more than ten years; `past`: it is over; `hourless`: today, whose morning is
 * over, and no hour is named; `unreadable`: these are other words.
 */
export type When = { kind: 'at'; ms: number } | { kind: 'impossible' | 'far' | 'past' | 'hourless' | 'unreadable' };

type Clock = { now: number; timeZone: string };
/** A day (`YYYY-MM-DD`) and the text after it; `isLoose`: when it is over, `later` is meant instead. */
type ReadDay = { day: string; rest: string; later?: string; hour?: number } | 'impossible' | undefined;

const MORNING = 9;
const DAWN = 6;
const EVENING = 17; // the end of a working day
/** Maps, not objects: « __proto__ » is a word that anybody may type. */
const HOURS: ReadonlyMap<string, number> = new Map([
  ...['matin', 'matinee', 'debut de matinee', 'debut de journee'].map((words) => [words, MORNING] as const),
  ['fin de matinee', 11],
  ['midi', 12],
  ...['apres-midi', "debut d'apres-midi"].map((words) => [words, 14] as const),
  ...["fin d'apres-midi", 'fin de journee'].map((words) => [words, EVENING] as const),
  ...['soir', 'soiree'].map((words) => [words, 18] as const),
  ['minuit', 24],
]);
const WEEKDAYS = ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'];
const MONTHS = [
  ...['janvier', 'fevrier', 'mars', 'avril', 'mai', 'juin'],
  ...['juillet', 'aout', 'septembre', 'octobre', 'novembre', 'decembre'],
];
const NUMBERS = new Map(
  Object.entries({ un: 1, une: 1, deux: 2, trois: 3, quatre: 4, cinq: 5, six: 6, sept: 7, huit: 8, neuf: 9, dix: 10, quinze: 15 }),
);
const LEAD = /^(?:jusqu'(?:a|au|en)|pour|vers|a|au|le|cet|cette|ce|du)\s+(?=\S)|^jusqu'(?=[ad])/u;
const SPAN = /^(?:dans |de |d')(\S+?) ?(minutes?|min|heures?|h|jours?|j|semaines?|mois)(?=$| |\d)(.*)$/u;
/** How a span is said otherwise. */
const SAID: readonly [RegExp, string][] = [
  [/\bune demi-heure\b/u, '30 minutes'],
  [/\bun quart d'heure\b/u, '15 minutes'],
  [/\b(?:trois|3) quarts d'heure\b/u, '45 minutes'],
  [/ heures? et demie?\b/u, ' h30'],
  [/^sous (?=huitaine|quinzaine)/u, 'dans une '],
  [/\bune huitaine(?: de jours)?(?=$| a )/u, '8 jours'],
  [/\bune quinzaine(?: de jours)?(?=$| a )/u, '15 jours'],
];
const FAR_DAYS = 366 * 10; // further than that is a slip of the finger

/** Reads the words; without any it is the next working morning. */
export function readWhen(text: string, { now, timeZone }: Clock): When {
  const typed = foldText(text);
  if (typed === '') return { kind: 'at', ms: nextWorkingMorning(now, timeZone) };
  const words = typed.replace(/^d'ici (?:a |au )?/u, '');
  const span = readSpan(words === typed ? typed : `dans ${words}`, { now, timeZone });
  if (span !== undefined) return span;
  const today = dayOf(now, timeZone);
  const read = readDay(words, today);
  if (read === 'impossible') return { kind: 'impossible' };
  const hour = readHour(read?.rest ?? words);
  if (hour === undefined) return { kind: 'unreadable' };
  if (hour === 'impossible') return { kind: 'impossible' };
  if (read === undefined) return hour === 'none' ? { kind: 'unreadable' } : atHour(today, hour, { now, timeZone });
  const wall = hour === 'none' ? (read.hour ?? MORNING) : hour;
  const ms = atWall(read.day, wall, timeZone);
  const settled = ms <= now && read.later !== undefined ? atWall(read.later, wall, timeZone) : ms;
  const isHourless = settled <= now && read.day === today && hour === 'none' && read.hour === undefined;
  return isHourless ? { kind: 'hourless' } : settle(settled, now);
}

function settle(ms: number, now: number): When {
  if (ms <= now) return { kind: 'past' };
  return ms - now > FAR_DAYS * 24 * HOUR_MS ? { kind: 'far' } : { kind: 'at', ms };
}

/** An hour alone is its next coming; one of the night is more likely to mean so many hours. */
function atHour(today: string, hour: number, { now, timeZone }: Clock): When {
  if (hour < DAWN) return { kind: 'unreadable' };
  const ms = atWall(today, hour, timeZone);
  return { kind: 'at', ms: ms > now ? ms : atWall(addDays(today, 1), hour, timeZone) };
}

/** « dans 3 jours », « dans 2h », « de 3 jours », « d’une semaine »; days come back in the morning. */
function readSpan(words: string, { now, timeZone }: Clock): When | undefined {
  const said = SAID.reduce((text, [pattern, plain]) => text.replace(pattern, plain), words);
  const [, count = '', unit = '', rest = ''] = SPAN.exec(said) ?? [];
  if (unit === '') return undefined;
  const number = /^\d{1,4}$/u.test(count) ? Number(count) : NUMBERS.get(count);
  if (number === undefined || number === 0) return { kind: 'unreadable' };
  if (unit.startsWith('mi')) return rest === '' ? settle(now + number * MINUTE_MS, now) : { kind: 'unreadable' };
  if (unit.startsWith('h')) {
    const more = /^ ?([0-5]\d)?$/u.exec(rest);
    return more === null ? { kind: 'unreadable' } : settle(now + number * HOUR_MS + Number(more[1] ?? 0) * MINUTE_MS, now);
  }
  const today = dayOf(now, timeZone);
  const day = unit === 'mois' ? addMonths(today, number) : addDays(today, number * (unit.startsWith('s') ? 7 : 1));
  const hour = readHour(rest.trim());
  if (hour === undefined) return { kind: 'unreadable' };
  return hour === 'impossible' ? { kind: 'impossible' } : settle(atWall(day, hour === 'none' ? MORNING : hour, timeZone), now);
}

/** The same day so many months later, or that month's last. */
function addMonths(day: string, count: number): string {
  const months = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + count;
  const [year, month] = [Math.floor(months / 12), (months % 12) + 1];
  for (let number = Number(day.slice(8)); number > 28; number -= 1) {
    const found = makeDay(year, month, number);
    if (found !== undefined) return found;
  }
  return makeDay(year, month, Math.min(28, Number(day.slice(8)))) ?? day;
}

function readDay(words: string, today: string): ReadDay {
  const text = words.replace(LEAD, '').replace(LEAD, '');
  return readNear(text, today) ?? readMonth(text, today) ?? readWeekday(text, today) ?? readDate(text, today);
}

function readNear(text: string, today: string): ReadDay {
  const near: readonly [RegExp, number, number?][] = [
    [/^(?:aujourd'hui|jour meme)\b ?/u, 0],
    [/^(?=(?:matin|midi|apres-midi|soir|fin de journee)\b)/u, 0],
    [/^hier\b ?/u, -1],
    [/^avant[- ]hier\b ?/u, -2],
    [/^apres[- ]demain\b ?/u, 2],
    [/^demain\b ?/u, 1],
    [/^(?:la )?semaine prochaine\b ?/u, toNextWeek(today)],
    [/^week-?end\b ?/u, (13 - weekday(today)) % 7],
    [/^fin de semaine\b ?/u, weekday(today) <= 5 ? 5 - weekday(today) : 12 - weekday(today), EVENING],
  ];
  for (const [pattern, days, hour] of near) {
    const found = pattern.exec(text);
    if (found !== null) return { day: addDays(today, days), rest: text.slice(found[0].length), ...(hour !== undefined && { hour }) };
  }
  if (!/^(?:le )?mois prochain\b/u.test(text)) return undefined;
  return { day: addMonths(`${today.slice(0, 8)}01`, 1), rest: text.replace(/^(?:le )?mois prochain ?/u, '') };
}

/** Days until the next Monday. */
const toNextWeek = (today: string): number => 8 - weekday(today);

/** « fin de mois », « fin janvier » (its last working day), « mi-janvier », « début janvier ». */
function readMonth(text: string, today: string): ReadDay {
  const [whole = '', part = '', name = ''] = /^(?:la )?(debut|mi|fin)(?:[ -]| de | du )([a-z]{3,9})\b ?/u.exec(text) ?? [];
  const isThis = name === 'mois' && part === 'fin';
  const named = monthOf(name);
  if (!isThis && named === undefined) return undefined;
  const month = isThis ? Number(today.slice(5, 7)) : (named ?? 0);
  const firsts = isThis
    ? [today.slice(0, 8), addMonths(`${today.slice(0, 8)}01`, 1).slice(0, 8)]
    : [0, 1].map((ahead) => `${String(Number(today.slice(0, 4)) + ahead).padStart(4, '0')}-${String(month).padStart(2, '0')}-`);
  const days = firsts.map((first) => (part === 'fin' ? lastWorkingDay(`${first}01`) : `${first}${part === 'mi' ? '15' : '01'}`));
  const [day = today, later] = days[0] !== undefined && days[0] < today ? days.slice(1) : days;
  return { day, rest: text.slice(whole.length), ...(later !== undefined && { later }) };
}

function lastWorkingDay(first: string): string {
  const last = addDays(addMonths(first, 1), -1);
  return addDays(last, Math.min(0, 5 - weekday(last)));
}

/** By its name or as much of it as names no other; « jui » is two of them. */
function monthOf(name: string): number | undefined {
  const named = name === '' ? [] : MONTHS.filter((month) => month.startsWith(name));
  return named.length === 1 ? MONTHS.indexOf(named[0] ?? '') + 1 : undefined;
}

/** The next such day; today's own name means in a week, unless its hour is still to come. */
function readWeekday(text: string, today: string): ReadDay {
  const [name = '', ...rest] = text.split(' ');
  const number = WEEKDAYS.indexOf(name) + 1;
  if (number === 0) return undefined;
  const isNext = rest[0] === 'prochain';
  const ahead = (number - weekday(today) + 7) % 7;
  const [further = ''] = /^(?:en (?:huit|quinze)|(?:de la )?semaine prochaine)\b/u.exec(rest.join(' ')) ?? [];
  if (further !== '') {
    const days = further.endsWith('huit') ? ahead + 7 : further.endsWith('quinze') ? ahead + 14 : toNextWeek(today) + number - 1;
    return { day: addDays(today, days), rest: rest.join(' ').slice(further.length) };
  }
  const after = addDays(today, ahead === 0 ? 7 : ahead);
  const left = (isNext ? rest.slice(1) : rest).join(' ');
  const date = /^(?:\d|premier\b)/u.test(left) ? readDate(left, today) : undefined; // « vendredi 4 décembre », and not « lundi 9h »
  if (date !== undefined) return date === 'impossible' || weekday(date.day) === number ? date : 'impossible';
  return ahead === 0 && !isNext && left !== '' ? { day: today, rest: left, later: after } : { day: after, rest: left };
}

const NUMERIC = /^(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?(?![\d:])\s*/u;
const ISO = /^(\d{4})-(\d{2})-(\d{2})\b\s*/u;
const LETTERS = /^(\d{1,2}|1er|premier)\s+([a-z]{3,9})(?:\s+(\d{4}))?\b\s*/u;
const ALONE = /^(\d{1,2}|1er|premier)(?=$| (?:a|vers|\d|matin|midi|apres-midi|soir)\b)\s*/u;

function readDate(text: string, today: string): ReadDay {
  const iso = ISO.exec(text);
  if (iso !== null) return dated({ year: iso[1], month: Number(iso[2]), number: iso[3] }, text.slice(iso[0].length), today);
  const numeric = NUMERIC.exec(text);
  if (numeric !== null)
    return dated({ year: numeric[3], month: Number(numeric[2]), number: numeric[1] }, text.slice(numeric[0].length), today);
  const letters = LETTERS.exec(text);
  const month = monthOf(letters?.[2] ?? '');
  if (letters !== null && month !== undefined)
    return dated({ year: letters[3], month, number: letters[1] }, text.slice(letters[0].length), today);
  const alone = ALONE.exec(text);
  return alone === null ? undefined : nextNumbered(alone[1] ?? '', text.slice(alone[0].length), today);
}

type Dated = { year: string | undefined; month: number; number: string | undefined };

/** Without a year it is the next such date, today's included (over, it is over: nobody means a year); 29/02 waits for its year. */
function dated({ year, month, number = '' }: Dated, rest: string, today: string): ReadDay {
  const day = readNumber(number);
  const thisYear = Number(today.slice(0, 4));
  if (year !== undefined) {
    const found = makeDay(year.length === 2 ? 2000 + Number(year) : Number(year), month, day);
    return found === undefined ? 'impossible' : { day: found, rest };
  }
  for (let ahead = 0; ahead <= 8; ahead += 1) {
    const found = makeDay(thisYear + ahead, month, day);
    if (found === undefined || found < today) continue;
    return { day: found, rest };
  }
  return 'impossible';
}

/** « le 4 »: the next day of that number. */
function nextNumbered(number: string, rest: string, today: string): ReadDay {
  for (let ahead = 0; ahead < 12; ahead += 1) {
    const first = addMonths(`${today.slice(0, 8)}01`, ahead);
    const found = makeDay(Number(first.slice(0, 4)), Number(first.slice(5, 7)), readNumber(number));
    if (found !== undefined && found > today) return { day: found, rest };
  }
  return 'impossible';
}

const readNumber = (text: string): number => (/^\d+$/u.test(text) ? Number(text) : 1); // « 1er », « premier »

/** `undefined` when the calendar has no such day. */
function makeDay(year: number, month: number, number: number): string | undefined {
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(number).padStart(2, '0')}`;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? undefined : text;
}

/** An hour as a number of hours (9.5 is half past nine), `none` where nothing more is said, undefined for other words. */
function readHour(text: string): number | 'none' | 'impossible' | undefined {
  const words = text.trim().replace(/^(?:a|vers|au|en|le|des|dans la)\s+/u, '');
  if (words === '') return 'none';
  const named = HOURS.get(words);
  if (named !== undefined) return named;
  const [, hour = '', minute = '0'] = /^(\d{1,2})\s*(?:h|heures?|:)\s*(\d{2})?(?:\s*(?:min|minutes))?$/u.exec(words) ?? [];
  if (hour === '') return undefined;
  return Number(hour) > 23 || Number(minute) > 59 ? 'impossible' : Number(hour) + Number(minute) / 60;
}

/** The day by which something is to be done: today's as well, whatever the hour. */
export function readDueDay(text: string, { now, timeZone }: Clock): { kind: 'on'; day: string } | Exclude<When, { kind: 'at' }> {
  const isSpan = foldText(text).startsWith('dans ');
  const read = readWhen(text, { now: isSpan ? now : atWall(dayOf(now, timeZone), 0, timeZone), timeZone });
  return read.kind === 'at' ? { kind: 'on', day: dayOf(read.ms, timeZone) } : read;
}
