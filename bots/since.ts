/**
 * Where to go on reading changes. Pure. A row is committed after its change time was taken, so each look goes back by the
 * overlap: what was seen already changes nothing. A time that lies ahead (a wrong clock) is never gone on from.
 */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { quote } from '#desk/words/typography.ts';
import { clockOf, dayOf } from '#desk/zone.ts';
import type { Cursor } from './bot.ts';
import { readFrenchDate } from './french-when.ts';
import type { Select } from './io.ts';

const HOUR_S = 3600;

/** `of`: of which column, so that another declaration begins anew. `ids`: a look was full, and the next goes on exactly there. */
const Kept = z.object({ of: z.string(), revision: z.string().min(1), ids: z.array(z.string().min(1)).optional() });
type Kept = z.infer<typeof Kept>;

export type Place = { revision: string; ids: readonly string[] };

export function startOf(cursor: Cursor, { of, overlap }: { of: string; overlap: number }): Select['from'] {
  const kept = keptOf(cursor, of);
  if (kept === undefined) return undefined;
  if (kept.ids !== undefined) return { values: [kept.revision, ...kept.ids] };
  return { values: [earlier(kept.revision, overlap)], orNull: true };
}

type Looked = { of: string; places: readonly Place[]; isFull: boolean; nowMs: number; timeZone: string };

export function nextOf(cursor: Cursor, { of, places, isFull, nowMs, timeZone }: Looked): Cursor {
  const last = places.findLast(({ revision, ids }) => revision !== '' && !ids.includes(''));
  const kept = keptOf(cursor, of);
  if (isFull) {
    const isStuck = last === undefined || (kept?.revision === last.revision && kept.ids?.join('\0') === last.ids.join('\0'));
    if (isStuck) throw new DeskError('invalid', 'SQL: one object alone has more rows than a look takes');
    return { of, revision: last.revision, ids: [...last.ids] } satisfies Kept;
  }
  const latest = [kept?.revision ?? '', last === undefined ? '' : capped(last.revision, nowMs, timeZone)].reduce(later);
  return latest === '' ? undefined : ({ of, revision: latest } satisfies Kept);
}

function keptOf(cursor: Cursor, of: string): Kept | undefined {
  const kept = Kept.safeParse(cursor).data;
  return kept?.of === of ? kept : undefined;
}

const WALL = /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const NUMBER = /^-?\d+$/;

function earlier(revision: string, overlap: number): string {
  if (NUMBER.test(revision)) return String(BigInt(revision) - BigInt(overlap));
  if (INSTANT.test(revision)) return new Date(Date.parse(revision) - overlap * 1000).toISOString();
  // In autumn a wall clock shows an hour twice. A day goes back to a whole one.
  if (WALL.test(revision)) return wallText(wallMs(revision) - (overlap + HOUR_S) * 1000).slice(0, revision.length === 10 ? 10 : 19);
  throw new DeskError('config', 'SQL: the column of the revision is neither a date nor a whole number');
}

/** As if the wall's clock were one of UTC. */
const wallMs = (wall: string): number => Date.parse(wall.length === 10 ? wall : `${wall.replace(' ', 'T')}Z`);
const wallText = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

function capped(revision: string, nowMs: number, timeZone: string): string {
  if (INSTANT.test(revision)) return sooner(revision, new Date(nowMs).toISOString());
  if (!WALL.test(revision)) return revision;
  const { hour, minute } = clockOf(nowMs, timeZone);
  const two = (number: number): string => String(number).padStart(2, '0');
  return sooner(
    revision,
    `${dayOf(nowMs, timeZone)} ${two(hour)}:${two(minute)}:${two(new Date(nowMs).getUTCSeconds())}`.slice(0, revision.length),
  );
}

const later = (one: string, other: string): string => (isAfter(one, other) ? one : other);
const sooner = (one: string, other: string): string => (isAfter(one, other) ? other : one);

/** Of one form; a second is before its parts. */
function isAfter(one: string, other: string): boolean {
  if (NUMBER.test(one) && NUMBER.test(other)) return BigInt(one) > BigInt(other);
  return one.replace('Z', '') > other.replace('Z', '');
}

export type Revised = { revision?: number; fault?: string };

/** A greater number is no instant, and beyond 2^53 none that can be counted on: then the moment of the sweep counts. */
const LATEST_MS = 4_102_444_800_000; // 2100

/** What a row says of when it changed, as an item's revision. */
export function readRevision(text: string, timeZone: string): Revised {
  if (text === '') return { fault: 'révision vide' };
  const read = /^-?\d+(\.0+)?$/.test(text) ? { number: Number(text) } : readFrenchDate(text, timeZone);
  if (!('number' in read) && !('fault' in read) && read.at === undefined) return { fault: 'révision vide' };
  if ('fault' in read) return { fault: `révision illisible ${quote(text)}` };
  const revision = 'number' in read ? read.number : Date.parse(read.at ?? '');
  return revision >= 0 && revision <= LATEST_MS ? { revision } : {};
}
