/**
 * Signed bodies that could not be used. A replay reads the sealed body again through the same door as the tool's own post
 * and accepts it: what was accepted meanwhile is a repetition there, so that a replay may come twice.
 */
import { hash } from 'node:crypto';
import { z } from 'zod';
import type { LoadedConnection } from '#config/load.ts';
import { readDeliveries, type Verdict } from '#desk/delivery.ts';
import { writeInstant } from '#desk/due.ts';
import { KEPT } from '#desk/words/commands.ts';
import { isSwept, sweepAnew } from '#store/polls.ts';
import { countRejected, findRejected, keepReason, listRejected, markReplayed, openRejected, type RejectedRow } from '#store/rejected.ts';
import { connectionsIn, type Desk, type Result, zoneOf } from '../command.ts';
import { keptCommand, type Line, notFound } from '../kept.ts';

const AT_ONCE = 100; // bodies that « rejouer tout » opens before it looks for the next ones
const MOST_SHOWN = 5;

const Reasons = z.array(z.object({ pointer: z.string(), detail: z.string() })).catch([]);

export const rejets = keptCommand({
  name: 'rejets',
  aliases: ['rejet', 'rejetes'],
  count: (desk) => countRejected(desk.db, scope(desk)),
  list: async (desk, at) => (await listRejected(desk.db, { ...scope(desk), ...at })).map((row) => sayLine(desk, row)),
  show,
  replay: (desk, target) => (target === 'all' ? replayAll(desk) : replayNumber(desk, target)),
});

/** Undefined sees the bodies of connections that are gone from the configuration as well. */
function scope(desk: Desk): { connections: string[] | undefined } {
  return { connections: desk.organisation === undefined ? undefined : connectionsIn(desk).map(({ id }) => id) };
}

const at = (desk: Desk, date: Date): string => writeInstant(date.getTime(), { timeZone: zoneOf(desk), now: desk.now });
const find = (desk: Desk, id: string): LoadedConnection | undefined => connectionsIn(desk).find((one) => one.id === id);

function sayLine(desk: Desk, { number, connection, reason, rejectedAt }: RejectedRow): Line {
  const [first] = Reasons.parse(reason);
  return { number, label: find(desk, connection)?.label ?? connection, at: at(desk, rejectedAt), why: first?.detail ?? '' };
}

async function show(desk: Desk, number: number): Promise<string[] | undefined> {
  const row = await findRejected(desk.db, { ...scope(desk), number });
  if (row === undefined) return undefined;
  const { label } = sayLine(desk, row);
  const reasons = Reasons.parse(row.reason);
  return [
    KEPT.from({ label, connection: row.connection, at: at(desk, row.rejectedAt) }),
    KEPT.defects(reasons.length),
    ...reasons.slice(0, MOST_SHOWN).map(({ pointer, detail }) => `– ${pointer === '' ? '' : `${pointer} `}${detail}`),
    KEPT.sealed,
    row.replayedAt === null ? KEPT.replayHint({ name: 'rejets', number }) : KEPT.alreadyReplayed(at(desk, row.replayedAt)),
  ];
}

type Counts = { accepted: number; known: number; waiting: number };
/** `anew`: its tool is read again as a whole, which says more than an old payload; what stays unusable comes back to the list. */
type Replay = { done: Counts } | { anew: string } | { why: string };

async function replayNumber(desk: Desk, number: number): Promise<Result> {
  const row = await findRejected(desk.db, { ...scope(desk), number });
  if (row === undefined) return notFound(number);
  if (row.replayedAt !== null) return { result: 'nothing', text: KEPT.alreadyReplayed(at(desk, row.replayedAt)) };
  const replay = await replayRow(desk, row);
  if ('why' in replay) return { result: 'failed', text: KEPT.still({ number, why: replay.why }) };
  if ('anew' in replay) await sweepAnew(desk.db, replay.anew);
  const text = 'anew' in replay ? KEPT.readAnew : `${KEPT.replayed({ done: 1, left: 0 })} ${KEPT.items(replay.done)}`;
  return { result: 'done', text, counts: { replayed: 1 } };
}

async function replayAll(desk: Desk): Promise<Result> {
  const anew = new Set<string>();
  const sum = { done: 0, hooks: 0, left: 0, accepted: 0, known: 0, waiting: 0 };
  for (let after = 0, isMore = true; isMore;) {
    const rows = await listRejected(desk.db, { ...scope(desk), after, limit: AT_ONCE });
    for (const row of rows) {
      const replay = await replayRow(desk, row);
      if ('why' in replay) sum.left += 1;
      else {
        sum.done += 1;
        if ('anew' in replay) anew.add(replay.anew);
        else {
          sum.hooks += 1;
          for (const name of ['accepted', 'known', 'waiting'] as const) sum[name] += replay.done[name];
        }
      }
    }
    after = rows.at(-1)?.number ?? after;
    isMore = rows.length === AT_ONCE;
  }
  // Only now: what is read anew may put back what was just taken from the list.
  for (const connection of anew) await sweepAnew(desk.db, connection);
  if (sum.done + sum.left === 0) return { result: 'nothing', text: KEPT.none.rejets };
  const said = [KEPT.replayed(sum), ...(sum.hooks > 0 ? [KEPT.items(sum)] : []), ...(anew.size > 0 ? [KEPT.readAnew] : [])];
  const text = said.join(' ');
  return { result: sum.done === 0 ? 'failed' : 'done', text, counts: { replayed: sum.done, left: sum.left } };
}

async function replayRow(desk: Desk, row: RejectedRow): Promise<Replay> {
  const connection = find(desk, row.connection);
  if (connection === undefined) return { why: KEPT.noConnection };
  if (connection.retired) return { why: KEPT.retired };
  if (connection.settings !== undefined) {
    if (!(await isSwept(desk.db, connection.id))) return { why: KEPT.notRead };
    await markReplayed(desk.db, row.id);
    return { anew: connection.id };
  }
  const opened = await openRejected(desk.db, desk.config.appservice.recordKey, row.id).catch(() => undefined);
  if (opened === undefined) return { why: KEPT.unreadable };
  const verdict = await acceptAgain(desk, connection, opened.body);
  if ('errors' in verdict) {
    await keepReason(desk.db, row.id, verdict.errors);
    return { why: verdict.errors[0]?.detail ?? '' };
  }
  if (verdict.kind === 'conflict') return { why: KEPT.conflict };
  await markReplayed(desk.db, row.id);
  const { accepted, duplicates, ignored, waiting } = verdict.counts;
  return { done: { accepted, known: duplicates + ignored, waiting } };
}

/** As the door reads it (`http/hooks.ts`); whether it was a batch shows, since an event is never a list. */
async function acceptAgain(
  desk: Desk,
  connection: LoadedConnection,
  body: Buffer,
): Promise<Verdict | { errors: { pointer: string; detail: string }[] }> {
  const reading = readDeliveries(body, {
    mode: body.toString('utf8').trimStart().startsWith('[') ? 'batch' : 'one',
    digest: (text) => hash('sha256', text, 'hex'),
    contract: { ...connection, connection: connection.id, hasCallback: connection.callback !== undefined },
  });
  if (reading.kind === 'deliveries') return desk.accept(connection.id, reading.deliveries);
  return { errors: reading.kind === 'invalid' ? reading.errors : [{ pointer: '', detail: reading.detail }] };
}
