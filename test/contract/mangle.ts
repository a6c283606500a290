/** What servers do to their answers: the same text, changed as a whole, whether it is JSON or a calendar. */

type Json = (value: unknown, name: string) => unknown;

/** Each value of JSON with the name it stands under, innermost first; each line of a calendar. */
function mangle(json: Json, calendar: (text: string) => string): (text: string) => string {
  return (text) => {
    if (/^BEGIN:VCALENDAR/i.test(text)) return calendar(text);
    try {
      return JSON.stringify(walk(JSON.parse(text), '', json));
    } catch {
      return text; // neither: what it is stays as it is
    }
  };
}

function walk(value: unknown, name: string, change: Json): unknown {
  if (Array.isArray(value))
    return change(
      value.map((one) => walk(one, name, change)),
      name,
    );
  if (typeof value !== 'object' || value === null) return change(value, name);
  return change(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, key, change)])), name);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
const DATE = /^\d{4}-\d\d-\d\d([T ]|$)/;

export const twice = mangle(
  (value) => (Array.isArray(value) && value.every(isObject) ? value.flatMap((one) => [one, one]) : value),
  (text) => text.replaceAll(/BEGIN:VEVENT[^]*?END:VEVENT\r\n/g, '$&$&'),
);

/** Vocabulary in capitals becomes small. Of a calendar the names do, whatever their case they are the same. */
export const otherCase = mangle(
  (value) => (typeof value === 'string' && /^[A-Z][A-Z_]+$/.test(value) ? value.toLowerCase() : value),
  (text) => text.replaceAll(/^[A-Z-]+/gm, (name) => name.toLowerCase()),
);

export const cutShort = mangle(
  (value) => (Array.isArray(value) && value.every(isObject) ? value.slice(0, 2) : value),
  (text) => text,
);

export const withoutDates = mangle(
  (value) => (typeof value === 'string' && DATE.test(value) ? null : value),
  (text) => text.replaceAll(/^(DTSTART|DTEND|LAST-MODIFIED)[^]*?\r\n/gm, ''),
);

/** Members and properties that a later version has. */
export const withMore = mangle(
  (value) => (isObject(value) ? { ...value, futur: { niveau: 3 }, '@type': 'x' } : value),
  (text) =>
    text.replaceAll('BEGIN:VEVENT\r\n', 'BEGIN:VEVENT\r\nX-FUTUR;VALUE=TEXT:3\r\nCONFERENCE;FEATURE="A,B;C":https://visio.example\r\n'),
);

/** Another thing under every name: lists where texts were, texts where objects were. */
export const otherShape = mangle(
  (value) => (isObject(value) ? { version: 99, resultat: Object.keys(value) } : value),
  () => 'BEGIN:VCARD\r\nVERSION:99\r\nEND:VCARD\r\n',
);

const WRITTEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
const IN_CALENDAR = /^(DTSTART|DTEND|LAST-MODIFIED)(;TZID=Europe\/Paris)?:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z?\r$/gm;

/** Each instant otherwise written: by JSON as a text, by a calendar as a wall clock in the zone that `parameter` names. */
function dates(json: (ms: number) => string, calendar: (ms: number) => { parameter?: string; wall: string }): (text: string) => string {
  return mangle(
    (value) => (typeof value === 'string' && WRITTEN.test(value) ? json(Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))) : value),
    (text) =>
      text.replaceAll(IN_CALENDAR, (_, name: string, zone: string | undefined, ...parts: string[]) => {
        const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = parts;
        const wall = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
        const said = calendar(zone === undefined ? wall : wall - (parisWall(wall) - wall));
        return `${name}${said.parameter ?? ''}:${said.wall.replaceAll(/[-:]|\.\d+/g, '')}\r`;
      }),
  );
}

const PARIS = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'medium' });
/** What a clock there shows, as if it were UTC. Days near a change of the hour are not asked for. */
const parisWall = (ms: number): number => Date.parse(`${PARIS.format(ms).replace(' ', 'T')}Z`);
const wallText = (wall: number): string => new Date(wall).toISOString().slice(0, 19);
const NEPAL_MS = 20_700_000; // +05:45

export const nepalese = dates(
  (ms) => `${wallText(ms + NEPAL_MS)}+05:45`,
  (ms) => ({ parameter: ';TZID=Asia/Kathmandu', wall: wallText(ms + NEPAL_MS) }),
);
/** The wall clock of Paris, and no word of it. */
export const zoneless = dates(
  (ms) => wallText(parisWall(ms)),
  (ms) => ({ wall: wallText(parisWall(ms)) }),
);
export function hoursOff(hours: number): (text: string) => string {
  const off = (ms: number): string => new Date(ms + hours * 3_600_000).toISOString();
  return dates(off, (ms) => ({ wall: off(ms) }));
}
