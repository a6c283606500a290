/** The floor: requests that were sent before, sent again under new transaction ids, without anything of ours on the way. */
import { Pool } from 'undici';
import { z } from 'zod';
import { DEVICE } from '../../../appservice/matrix/names.ts';
import type { BenchBed } from './bed.ts';

/** One write to a room, as it was frozen. */
export type Write = { room: string; sender: string; type: string; stateKey: string | undefined; content: Record<string, unknown> };

const Row = z.object({
  room_id: z.string(),
  sender: z.string(),
  frozen: z.object({ type: z.string(), stateKey: z.string().optional(), content: z.record(z.string(), z.unknown()) }),
});

/** The latest writes of the relay, in the order they were sent. */
export async function latestWrites(bed: BenchBed, count: number): Promise<Write[]> {
  const rows = await bed.store
    .selectFrom('work.outbox')
    .innerJoin('work.rooms', 'work.rooms.address', 'work.outbox.address')
    .select(['room_id', 'sender', 'frozen'])
    .where('work.outbox.sent_at', 'is not', null)
    .where('kind', 'in', ['item', 'tool'])
    .orderBy('work.outbox.sent_at', 'desc')
    .limit(count)
    .execute();
  return rows.reverse().map((row) => {
    const { room_id: room, sender, frozen } = Row.parse(row);
    return { room, sender, type: frozen.type, stateKey: frozen.stateKey, content: frozen.content };
  });
}

/** Writes for `ms`, so many at a time; answers how many a second. A state says each time something else, or it would be none. */
export async function writeRaw(
  bed: BenchBed,
  writes: readonly Write[],
  { ms, inFlight }: { ms: number; inFlight: number },
): Promise<number> {
  const { homeserver, serverName, appservice } = bed.config;
  const pool = new Pool(homeserver.url, { connections: inFlight });
  const began = performance.now();
  let done = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - began < ms) {
      const at = next++;
      const write = writes[at % writes.length];
      if (write === undefined) return;
      const { statusCode, body } = await pool.request({
        method: 'PUT',
        path: `${pathOf(write, `raw-${String(began)}-${String(at)}`)}?user_id=${encodeURIComponent(`@${write.sender}:${serverName}`)}&device_id=${DEVICE}`,
        headers: { authorization: `Bearer ${appservice.asToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(write.stateKey === undefined ? write.content : { ...write.content, before: at }),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`the homeserver answered ${String(statusCode)} to a raw write`);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  const seconds = (performance.now() - began) / 1000;
  await pool.close();
  return done / seconds;
}

function pathOf({ room, type, stateKey }: Write, txn: string): string {
  const root = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`;
  return stateKey === undefined
    ? `${root}/send/${encodeURIComponent(type)}/${txn}`
    : `${root}/state/${encodeURIComponent(type)}/${encodeURIComponent(stateKey)}`;
}
