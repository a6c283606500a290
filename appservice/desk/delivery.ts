/**
 * A signed body read as what HOOKS.md allows: bytes of I-JSON → one CloudEvent or a batch → checked deliveries. Pure and
 * total: whatever the bytes, the answer is deliveries, or why there are none.
 */
import type { LastAction } from './placement.ts';
import { canonicalJson } from './delivery/canonical.ts';
import { checkEvent, type Checked, type Contract } from './delivery/check.ts';
import { type Flaw, readJson } from './delivery/json.ts';
import { countUnknown, pointer } from './delivery/pointer.ts';

export type { Addressee, Change, Contract } from './delivery/check.ts';
export { type AddressKind, dataSchema } from './delivery/schema.ts';

/**
 * One event accepted for reading. `digest` is that of the event as sent, `contentDigest` that of what it says of its object.
 * `lastAction`: what an agent did that the tool answers with it, for the same edit to say both.
 */
export type Delivery = Checked & { digest: string; contentDigest: string; lastAction?: LastAction };

/** Something wrong in a body: an RFC 6901 pointer from its root and a French sentence that repeats nothing of it. */
export type BodyError = { pointer: string; detail: string };

export type Reading =
  | { kind: 'deliveries'; deliveries: Delivery[]; unknownFields: number }
  | { kind: 'too_large'; detail: string }
  | { kind: 'invalid'; errors: BodyError[] };

/** How the events of one post were counted; `waiting` counts addressees of accepted events whom nobody knows yet. */
export type Counts = { accepted: number; duplicates: number; ignored: number; waiting: number };

/** `conflict`: these deliveries, by their place in the post, have ids that were used with other content. */
export type Verdict = { kind: 'committed'; counts: Counts } | { kind: 'conflict'; indexes: number[] };

/**
 * Commits all deliveries of a post, or none. Rejects when nothing was committed: the sender has to come again. `agent` (a
 * localpart): they were read by her own account, which speaks only for her placements.
 */
export type Accept = (connectionId: string, deliveries: readonly Delivery[], scope?: { agent: string }) => Promise<Verdict>;

/** Keeps a genuine but unusable body aside for the admin; answers whether it is new there. */
export type Reject = (connectionId: string, body: Uint8Array, errors: readonly BodyError[]) => Promise<boolean>;

const MOST_EVENTS = 500;
const LONGEST_EVENT = 1_000_000; // bytes of compact JSON
const MOST_ERRORS = 20;

/** `digest` hashes a text (SHA-256, hex); given, because this also has to be pure. */
export type ReadOptions = { mode: 'one' | 'batch'; contract: Contract; digest: (text: string) => string };

export function readDeliveries(body: Uint8Array, { mode, contract, digest }: ReadOptions): Reading {
  const { value, flaws } = readJson(body);
  if (value === undefined) return { kind: 'invalid', errors: flaws.map(({ path, detail }) => ({ pointer: pointer(path), detail })) };
  const isBatch = mode === 'batch';
  if (isBatch && !Array.isArray(value)) return refuse('une liste d’événements est attendue');
  const events: unknown[] = isBatch && Array.isArray(value) ? value : [value];
  if (events.length > MOST_EVENTS) return { kind: 'too_large', detail: `Un lot compte au plus ${MOST_EVENTS} événements.` };
  const sizes = events.map((event) => (body.length * LONGEST_NUMBER < LONGEST_EVENT ? 0 : compactBytes(event)));
  if (!isBatch && (sizes[0] ?? 0) > LONGEST_EVENT) return { kind: 'too_large', detail: 'Un événement compte au plus 1 Mo.' };
  const whole = flaws.filter(({ path }) => path.length === 0);
  if (whole.length > 0) return { kind: 'invalid', errors: whole.map(({ detail }) => ({ pointer: '', detail })) };
  const flawsOf = groupFlaws(flaws, isBatch);
  const readings = events.map((event, index) => {
    if ((sizes[index] ?? 0) > LONGEST_EVENT) return { flaws: [{ path: [], detail: 'un événement compte au plus 1 Mo' }] };
    const found = flawsOf.get(index);
    return found ? { flaws: found } : readEvent(event, { contract, digest });
  });
  return settle(readings, { isBatch, events });
}

/** Written out, `1e20` has 21 characters for 4: no compact form is longer than this many times what was sent. */
const LONGEST_NUMBER = 6;

/** Bytes of the compact form. Nested too deeply for JSON.stringify, it is measured as canonical JSON, which is as long. */
function compactBytes(event: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(event)).length;
  } catch {
    return new TextEncoder().encode(canonicalJson(event)).length;
  }
}

/** Flaws of the text by event, each path from its event's own root. */
function groupFlaws(flaws: readonly Flaw[], isBatch: boolean): Map<number, Flaw[]> {
  const groups = new Map<number, Flaw[]>();
  for (const { path, detail } of flaws) {
    const index = isBatch ? Number(path[0]) : 0;
    groups.set(index, [...(groups.get(index) ?? []), { path: isBatch ? path.slice(1) : path, detail }]);
  }
  return groups;
}

type EventReading = { delivery: Delivery } | { flaws: Flaw[] };

function readEvent(event: unknown, { contract, digest }: Pick<ReadOptions, 'contract' | 'digest'>): EventReading {
  const result = checkEvent(event, contract);
  if ('flaws' in result) return result;
  const { checked } = result;
  const contentDigest = digest(canonicalJson(withoutTime(checked)));
  return { delivery: { ...checked, digest: digest(canonicalJson(event)), contentDigest } };
}

/** What the event says, but not when: one instant can be written in several ways. */
function withoutTime({ change }: Checked): unknown {
  return change.op === 'close' ? change : { ...change, item: { ...change.item, updatedAt: undefined } };
}

function settle(readings: readonly EventReading[], { isBatch, events }: { isBatch: boolean; events: readonly unknown[] }): Reading {
  const flaws = readings.map((reading) => ('flaws' in reading ? reading.flaws : []));
  if (flaws.every((found) => found.length === 0)) {
    const deliveries = readings.flatMap((reading) => ('delivery' in reading ? [reading.delivery] : []));
    return { kind: 'deliveries', deliveries, unknownFields: events.reduce((sum: number, event) => sum + countUnknown(event), 0) };
  }
  const errors: BodyError[] = [];
  // Every bad event is named before any gets a second error, so that a sender can take all of them out at once.
  for (let turn = 0; errors.length < MOST_ERRORS && flaws.some((found) => found.length > turn); turn += 1) {
    flaws.forEach((found, index) => {
      const flaw = found[turn];
      if (flaw) errors.push({ pointer: pointer(flaw.path, isBatch ? index : undefined), detail: flaw.detail });
    });
  }
  return { kind: 'invalid', errors: errors.slice(0, MOST_ERRORS) };
}

function refuse(detail: string): Reading {
  return { kind: 'invalid', errors: [{ pointer: '', detail }] };
}
