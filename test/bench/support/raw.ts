/** The floor: requests that were sent before, sent again under new transaction ids, without anything of ours on the way. */
import { Pool } from 'undici';
import { z } from 'zod';
import { DEVICE } from '../../../appservice/matrix/names.ts';
import { type Random, shuffle } from '../../support/town/random.ts';
import type { BenchBed } from './bed.ts';

/** One write to a room, as it was frozen. */
export type Write = { room: string; sender: string; type: string; stateKey: string | undefined; content: Record<string, unknown> };

const Row = z.object({
  room_id: z.string(),
  sender: z.string(),
  frozen: z.object({ type: z.string(), stateKey: z.string().optional(), content: z.record(z.string(), z.unknown()) }),
});

/** The latest writes of the relay by room, each room's in the order it sent them, the rooms in an order of chance. */
export async function latestWrites(bed: BenchBed, count: number, random: Random): Promise<Write[][]> {
  const rows = await bed.store
    .selectFrom('work.outbox')
    .innerJoin('work.rooms', 'work.rooms.address', 'work.outbox.address')
    .select(['room_id', 'sender', 'frozen'])
    .where('work.outbox.sent_at', 'is not', null)
    .where('kind', 'in', ['item', 'tool'])
    .orderBy('work.outbox.sent_at', 'desc')
    .limit(count)
    .execute();
  const writes = rows.reverse().map((row) => {
    const { room_id: room, sender, frozen } = Row.parse(row);
    return { room, sender, type: frozen.type, stateKey: frozen.stateKey, content: frozen.content };
  });
  return shuffle([...Map.groupBy(writes, ({ room }) => room).values()], random);
}

/**
 * Writes for `ms`, in so many rooms at a time and in each one after the other, as whoever keeps the order of a room must; answers how
 * many a second. A state says each time something else, or it would be none.
 */
export async function writeRaw(
  bed: BenchBed,
  rooms: readonly (readonly Write[])[],
  { ms, inFlight }: { ms: number; inFlight: number },
): Promise<number> {
  const pool = new Pool(bed.config.homeserver.url, { connections: inFlight });
  const began = performance.now();
  let done = 0;
  let next = 0;
  let asked = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      for (const write of rooms[next++ % rooms.length] ?? []) {
        if (performance.now() - began >= ms) return;
        const mark = asked++;
        await put(pool, bed.config, { write, txn: `raw-${String(began)}-${String(mark)}`, mark });
        done += 1;
      }
    }
  };
  if (rooms.length > 0) await Promise.all(Array.from({ length: inFlight }, work));
  const seconds = (performance.now() - began) / 1000;
  await pool.close();
  return done / seconds;
}

async function put(
  pool: Pool,
  { serverName, appservice }: BenchBed['config'],
  { write, txn, mark }: { write: Write; txn: string; mark: number },
): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'PUT',
    path: `${pathOf(write, txn)}?user_id=${encodeURIComponent(`@${write.sender}:${serverName}`)}&device_id=${DEVICE}`,
    headers: { authorization: `Bearer ${appservice.asToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(write.stateKey === undefined ? write.content : { ...write.content, before: mark }),
  });
  await body.dump();
  if (statusCode !== 200) throw new Error(`the homeserver answered ${String(statusCode)} to a raw write`);
}

function pathOf({ room, type, stateKey }: Write, txn: string): string {
  const root = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`;
  return stateKey === undefined
    ? `${root}/send/${encodeURIComponent(type)}/${txn}`
    : `${root}/state/${encodeURIComponent(type)}/${encodeURIComponent(stateKey)}`;
}
