import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pause, until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

const LEASE_S = 4.8; // it was renewed a moment before, to 5 s

let bed: MatrixBed;
let relay: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('relay-lease');
  relay = new RelayBed(bed);
  relay.start();
});

afterAll(async () => {
  await relay.stop();
  await bed.stop();
});

test('a turn that ends while its lease is being renewed gives its room back: what comes next does not wait until the lease lapses', async () => {
  const address = 'desk:ville-claire:claire.morel';
  await relay.accept('claire.morel', { id: 'premier' });
  await relay.messages('claire.morel', 1);
  await relay.drained();
  const leases = async (): Promise<Date | null> =>
    (await bed.store.selectFrom('work.rooms').select('lease_until').where('address', '=', address).executeTakeFirstOrThrow()).lease_until;
  await until(async () => ((await leases()) === null ? true : undefined));
  // The turn sends, and waits for the room's row to say so; the renewal waits behind it, and both come at once.
  await bed.store.transaction().execute(async (trx) => {
    await relay.accept('claire.morel', { id: 'deuxième' });
    await until(async () => ((await leases()) === null ? undefined : true), { everyMs: 5 });
    await sql`select 1 from work.rooms where address = ${address} for update`.execute(trx);
    await pause(2000);
  });
  await relay.accept('claire.morel', { id: 'troisième' });
  await relay.messages('claire.morel', 3);
  await relay.drained();
  const { rows } = await sql<{ seconds: number }>`select extract(epoch from sent_at - queued_at)::float8 as seconds from work.outbox
    where subject like '%troisième'`.execute(bed.store);
  expect(rows[0]?.seconds).toBeLessThan(LEASE_S);
});
