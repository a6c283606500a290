/** Items kept for people nobody knows yet: whoever is known now is given what waits for her. */
import { writeInstant } from '#desk/due.ts';
import { KEPT } from '#desk/words/commands.ts';
import { awaitedMembers, countAside, listWaiting, openWaiting, type WaitingRow } from '#store/waiting.ts';
import type { Desk, Result } from '../command.ts';
import { connectionsIn, zoneOf } from '../command.ts';
import { keptCommand, type Line, notFound } from '../kept.ts';

const KEPT_MS = 30 * 86_400_000; // as `forgetWaiting` forgets

export const attente = keptCommand({
  name: 'attente',
  aliases: ['attentes'],
  count: ({ db, organisation }) => countAside(db, { organisation }),
  list: async (desk, at) => (await listWaiting(desk.db, { organisation: desk.organisation, ...at })).map((row) => sayLine(desk, row)),
  show,
  replay: async (desk, target) => {
    if (target === 'all') return deliver(desk, { organisations: organisationsOf(desk) });
    const row = await openWaiting(desk.db, desk.config.appservice.recordKey, { organisation: desk.organisation, number: target });
    return row === undefined ? notFound(target) : deliver(desk, { organisations: [row.organisation], addressees: [row.addressee] });
  },
});

function organisationsOf({ organisation, config }: Desk): string[] {
  return organisation === undefined ? config.organisations.map(({ id }) => id) : [organisation];
}

const write = (desk: Desk, ms: number): string => writeInstant(ms, { timeZone: zoneOf(desk), now: desk.now });

/** Whom it is for is known as a hash alone, so that no list names anybody who never came. */
function sayLine(desk: Desk, { number, connection, keptAt }: WaitingRow): Line {
  return { number, label: labelOf(desk, connection), at: write(desk, keptAt.getTime()), why: '' };
}

function labelOf(desk: Desk, id: string): string {
  return connectionsIn(desk).find((connection) => connection.id === id)?.label ?? id;
}

async function show(desk: Desk, number: number): Promise<string[] | undefined> {
  const row = await openWaiting(desk.db, desk.config.appservice.recordKey, { organisation: desk.organisation, number });
  if (row === undefined) return undefined;
  const { connection, keptAt, title } = row;
  return [
    KEPT.from({ label: labelOf(desk, connection), connection, at: write(desk, keptAt.getTime()) }),
    title === undefined ? KEPT.unreadable : KEPT.title(title),
    KEPT.until(write(desk, keptAt.getTime() + KEPT_MS)),
    KEPT.replayHint({ name: 'attente', number }),
  ];
}

async function deliver(desk: Desk, whom: { organisations: string[]; addressees?: string[] }): Promise<Result> {
  const members = await awaitedMembers(desk.db, desk.config.appservice.recordKey, whom);
  const counts = { items: 0, people: 0 };
  for (const member of members) {
    const items = await desk.deliverWaiting(desk.db, member);
    counts.items += items;
    counts.people += items > 0 ? 1 : 0;
  }
  if (counts.items === 0) return { result: 'nothing', text: KEPT.nobodyYet };
  return { result: 'done', text: KEPT.delivered(counts), counts };
}
