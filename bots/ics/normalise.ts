/** One VEVENT or VTODO (RFC 5545) → an item. Key: UID and RECURRENCE-ID; revision: LAST-MODIFIED, else SEQUENCE, of what stands alone. */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { Instant } from '#desk/item.ts';
import { type At, type ItemDraft, type Normalised, NOTHING, type Payload, reject } from '../bot.ts';
import { type Component, endOf, joinUrlIn, lengthMs, plainText, readComponent, startOf, valueIn, whenOf } from '../ical.ts';
import type { Zones } from '../ical-zone.ts';

const Entry = z.object({
  to: z.record(z.string(), z.string().nullish()),
  ics: z.string().regex(/^BEGIN:V/i),
  at: z.string().max(20).optional().catch(undefined),
  of: z.string().max(20).optional().catch(undefined),
  zones: z
    .record(z.string(), z.array(z.tuple([z.number(), z.number().min(-1440).max(1440)])).max(1000))
    .optional()
    .catch(undefined),
  fault: z.string().min(1).max(200).optional().catch(undefined),
});
const KINDS = ['mail', 'uid', 'matricule', 'group'];

export function normalise(payload: Payload, { timeZone }: At<unknown>): Normalised {
  const entry = Entry.safeParse(payload).data;
  if (entry === undefined) return NOTHING;
  const [component, zones] = [readComponent(entry.ics), { timeZone, own: entry.zones }];
  const text = (name: string): string | undefined => plainText(valueIn(component, name) ?? '') || undefined;
  const uid = valueIn(component, 'UID');
  if (uid === undefined) return reject('événement sans UID', '/UID');
  const key = keyOf(uid, entry.of ?? valueIn(component, 'RECURRENCE-ID') ?? entry.at);
  if (entry.fault !== undefined) return reject(entry.fault, '/RRULE', key);
  const [title, place, url, joinUrl] = [text('SUMMARY'), text('LOCATION'), valueIn(component, 'URL'), joinUrlIn(component)];
  if (title === undefined) return reject('événement sans titre', '/SUMMARY', key);
  const isTask = /^BEGIN:VTODO/i.test(entry.ics);
  const startsAt = startOf(component, zones, entry.at);
  const dueAt = isTask ? dueOf(component, zones, entry.at) : startsAt;
  const saysEnd = !isTask && (component.has('DTEND') || component.has('DURATION'));
  const end = saysEnd && startsAt?.includes('T') === true ? endOf(component, zones, entry.at) : undefined;
  const item: ItemDraft = {
    key,
    kind: isTask ? 'tache' : 'rendez-vous',
    title,
    state: stateOf(text('STATUS') ?? (component.has('COMPLETED') ? 'COMPLETED' : undefined)),
    ...revisionOf(component, entry.at !== undefined || component.has('RECURRENCE-ID')),
    ...(dueAt !== undefined && { dueAt }),
    ...(startsAt !== undefined && Instant.safeParse(startsAt).success && { startsAt }),
    ...(end !== undefined && { endsAt: new Date(end).toISOString() }),
    ...(place !== undefined && { place }),
    ...(url !== undefined && { url }),
    ...(joinUrl !== undefined && { joinUrl }),
    people: Object.entries(entry.to).flatMap(([kind, value]) =>
      typeof value === 'string' && KINDS.includes(kind) ? [{ role: 'for' as const, [kind]: value }] : [],
    ),
  };
  return { items: [item], rejected: [] };
}

const LONGEST_UID = 120; // Exchange makes them as long as it likes

function keyOf(uid: string, occurrence: string | undefined): string {
  const short = uid.length > LONGEST_UID ? hash('sha256', uid, 'hex') : uid;
  return (occurrence === undefined ? short : `${short}/${occurrence}`).slice(0, 200);
}

/** Of a task: what it says, else when its duration is over; one that repeats is due as long after each start as after the first. */
function dueOf(component: Component, zones: Zones, at?: string): string | undefined {
  const [due, own, start] = [whenOf(component.get('DUE')?.[0], zones), startOf(component, zones), startOf(component, zones, at)];
  if (own === undefined || start === undefined || (at === undefined && due !== undefined)) return due;
  const length = due === undefined ? lengthMs(valueIn(component, 'DURATION')) : Date.parse(due) - Date.parse(own);
  const then = length === undefined ? undefined : new Date(Date.parse(start) + length).toISOString();
  return start.includes('T') ? then : then?.slice(0, 10);
}

/**
 * Of a series and of what was moved in it each counts for itself, and one may take the other's place: neither is later by its
 * count, and the feed as it stands is what holds.
 */
function revisionOf(component: Component, isOfSeries: boolean): { revision?: number; updatedAt?: string } {
  const modified = whenOf(component.get('LAST-MODIFIED')?.[0], { timeZone: 'UTC' });
  const updated = modified?.includes('T') === true ? { updatedAt: modified } : {};
  if (isOfSeries) return updated;
  if (modified !== undefined && Date.parse(modified) > 0) return { revision: Date.parse(modified), ...updated };
  const sequence = valueIn(component, 'SEQUENCE') ?? '';
  return /^\d{1,9}$/.test(sequence) ? { revision: Number(sequence) } : {};
}

function stateOf(status: string | undefined): 'todo' | 'done' | 'cancelled' {
  const word = status?.toUpperCase();
  return word === 'CANCELLED' ? 'cancelled' : word === 'COMPLETED' ? 'done' : 'todo';
}
