/** One VEVENT or VTODO (RFC 5545) → an item. Key: UID and RECURRENCE-ID; revision: LAST-MODIFIED, else SEQUENCE. */
import { z } from 'zod';
import { Instant } from '#desk/item.ts';
import { atWall } from '#desk/zone.ts';
import { type At, type ItemDraft, type Normalised, NOTHING, type Payload, reject } from '../bot.ts';

const Component = z.object({ to: z.record(z.string(), z.string().nullish()), ics: z.string().startsWith('BEGIN:V') });

type Property = { value: string; zone: string | undefined };

export function normalise(payload: Payload, { timeZone }: At<unknown>): Normalised {
  const component = Component.safeParse(payload);
  if (!component.success) return NOTHING;
  const { ics, to } = component.data;
  const properties = propertiesOf(ics);
  const text = (name: string): string | undefined => properties.get(name)?.value.trim() || undefined;
  const uid = text('UID');
  if (uid === undefined || uid.length > 120) return reject('événement sans UID', '/UID');
  const title = text('SUMMARY');
  if (title === undefined) return reject('événement sans titre', '/SUMMARY');
  const isTask = ics.startsWith('BEGIN:VTODO');
  const startsAt = whenOf(properties.get('DTSTART'), timeZone);
  const dueAt = whenOf(properties.get(isTask ? 'DUE' : 'DTSTART'), timeZone);
  const endsAt = whenOf(properties.get('DTEND'), timeZone);
  const url = text('URL');
  const item: ItemDraft = {
    key: [uid, text('RECURRENCE-ID')]
      .filter((part) => part !== undefined)
      .join('/')
      .slice(0, 200),
    ...revisionOf(properties),
    kind: isTask ? 'tache' : 'rendez-vous',
    title: unescape(title),
    state: stateOf(text('STATUS')),
    ...(dueAt !== undefined && { dueAt }),
    ...(startsAt !== undefined && Instant.safeParse(startsAt).success && { startsAt }),
    ...(endsAt !== undefined && Instant.safeParse(endsAt).success && { endsAt }),
    ...(text('LOCATION') !== undefined && { place: unescape(text('LOCATION') ?? '') }),
    ...(url !== undefined && { url }),
    people: Object.entries(to).flatMap(([kind, value]) =>
      typeof value === 'string' && isKind(kind) ? [{ role: 'for' as const, [kind]: value }] : [],
    ),
  };
  return { items: [item], rejected: [] };
}

const isKind = (kind: string): boolean => ['mail', 'uid', 'matricule', 'group'].includes(kind);

/** Unfolded lines; the first of each name counts. What stands in an alarm inside is not the event's. */
function propertiesOf(ics: string): Map<string, Property> {
  const lines = ics
    .replace(/\r?\n[ \t]/g, '')
    .replace(/^BEGIN:VALARM[^]*?^END:VALARM\s*$/gm, '')
    .split(/\r?\n/);
  const found = new Map<string, Property>();
  for (const line of lines) {
    const [, name = '', parameters = '', value = ''] = /^([A-Z-]+)((?:;[^:"]*(?:"[^"]*")?)*):(.*)$/i.exec(line) ?? [];
    const zone = /;TZID="?([^";]+)/i.exec(parameters)?.[1];
    if (name !== '' && !found.has(name.toUpperCase())) found.set(name.toUpperCase(), { value, zone });
  }
  return found;
}

/** A day, or an instant: in UTC, in the zone named, else in the organisation's. */
function whenOf(property: Property | undefined, timeZone: string): string | undefined {
  const [, year = '', month = '', day = '', time, hour = '0', minute = '0', second = '0', utc] =
    /^(\d{4})(\d\d)(\d\d)(T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(property?.value.trim() ?? '') ?? [];
  const date = `${year}-${month}-${day}`;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (property === undefined || Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined;
  if (time === undefined) return date;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const start = utc === undefined ? wall(date, hours, property.zone ?? timeZone, timeZone) : midnight + hours * 3_600_000;
  return new Date(start + minutes * 60_000 + seconds * 1000).toISOString();
}

/** A zone that nobody knows (Outlook's names) is read as the organisation's. */
function wall(day: string, hour: number, zone: string, fallback: string): number {
  try {
    return atWall(day, hour, new Intl.DateTimeFormat('fr', { timeZone: zone }).resolvedOptions().timeZone);
  } catch {
    return atWall(day, hour, fallback);
  }
}

function revisionOf(properties: ReadonlyMap<string, Property>): { revision?: number; updatedAt?: string } {
  const modified = whenOf(properties.get('LAST-MODIFIED'), 'UTC');
  if (modified !== undefined && Date.parse(modified) > 0)
    return { revision: Date.parse(modified), ...(modified.includes('T') && { updatedAt: modified }) };
  const sequence = properties.get('SEQUENCE')?.value ?? '';
  return /^\d{1,9}$/.test(sequence) ? { revision: Number(sequence) } : {};
}

function stateOf(status: string | undefined): 'todo' | 'done' | 'cancelled' {
  const word = status?.toUpperCase();
  return word === 'CANCELLED' ? 'cancelled' : word === 'COMPLETED' ? 'done' : 'todo';
}

function unescape(text: string): string {
  return (
    text
      .replaceAll(/\\n/gi, ' ')
      .replaceAll(/\\([\\;,])/g, '$1')
      .trim() || 'Sans titre'
  );
}
