/** Messages that the homeserver refused for good, queued again once the cause is gone. */
import { writeInstant } from '#desk/due.ts';
import { KEPT } from '#desk/words/commands.ts';
import { countDead, type DeadFilter, type DeadRow, listDead, replayDead } from '#store/dead.ts';
import { type Desk, type Result, zoneOf } from '../command.ts';
import { keptCommand, type Line, notFound } from '../kept.ts';

export const morts = keptCommand({
  name: 'morts',
  aliases: ['mort'],
  count: (desk) => countDead(desk.db, within(desk)),
  list: async (desk, at) => (await listDead(desk.db, { ...within(desk), ...at })).map((row) => sayLine(desk, row)),
  show,
  replay,
});

function within({ organisation }: Desk): DeadFilter {
  return organisation === undefined ? {} : { organisation };
}

function sayLine(desk: Desk, { number, kind, connection, reason, deadAt }: DeadRow): Line {
  const at = writeInstant(deadAt.getTime(), { timeZone: zoneOf(desk), now: desk.now });
  return { number, label: `${labelOf(desk, connection)}, ${KEPT.kindOfRow[kind]}`, at, why: reason };
}

function labelOf({ config }: Desk, connection: string | null): string {
  if (connection === null) return KEPT.desk;
  return config.connections.find(({ id }) => id === connection)?.label ?? connection;
}

async function show(desk: Desk, number: number): Promise<string[] | undefined> {
  const [row] = await listDead(desk.db, { ...within(desk), number });
  if (row === undefined) return undefined;
  const { label, at, why } = sayLine(desk, row);
  return [KEPT.from({ label, connection: row.connection ?? KEPT.desk, at }), why, KEPT.replayHint({ name: 'morts', number })];
}

/** Committed by itself: a row is replayed once, however often the request comes. */
async function replay(desk: Desk, target: number | 'all'): Promise<Result> {
  const rows = await replayDead(desk.store, target === 'all' ? within(desk) : { ...within(desk), number: target }, { who: desk.who });
  if (rows.length === 0) return target === 'all' ? { result: 'nothing', text: KEPT.none.morts } : notFound(target);
  const again = rows.filter(({ as }) => as !== null).length;
  const counts = { again, outdated: rows.length - again };
  return { result: 'done', text: KEPT.queued(counts), counts };
}
