import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let relay: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('fair');
  relay = new RelayBed(bed);
});

afterAll(async () => {
  await relay.stop();
  await bed.stop();
});

const ROOMS = 25;
const EACH = 40;
const flooded = (index: number): string => `flot.${String(index)}`;

/** Milliseconds until an item is in its room, by the store's marks. */
async function latency(agent: string, about: { id: string; connection: string }): Promise<number> {
  const at = Date.now();
  const key = await relay.accept(agent, { ...about, title: 'Objet urgent', severity: 'urgent' });
  const sent = () =>
    bed.store
      .selectFrom('work.outbox')
      .select('sent_at')
      .where('subject', '=', key)
      .where('address', 'like', `%:${agent}`)
      .where('sent_at', 'is not', null)
      .executeTakeFirst();
  if ((await until(sent, { everyMs: 10 })) === undefined) throw new Error('it was not sent');
  return Date.now() - at;
}

const waiting = async (): Promise<number> =>
  (await bed.store.selectFrom('work.outbox').select('id').where('sent_at', 'is', null).where('kind', '=', 'item').execute()).length;

test('a flood of one tool delays neither another organisation’s urgent item nor another tool’s, in rooms of their own', async () => {
  relay.start();
  // Every room stands before, so that what is measured is sending.
  for (let index = 0; index < ROOMS; index += 1) await relay.accept(flooded(index), { id: 'avant' });
  await relay.accept('voisine', { id: 'avant', connection: 'parapheur' });
  await relay.accept('lointaine', { id: 'avant', connection: 'rivebelle-gta' });
  await relay.drained(120_000);
  const quiet: number[] = [];
  for (const turn of [1, 2, 3, 4, 5]) quiet.push(await latency('voisine', { id: `calme-${String(turn)}`, connection: 'parapheur' }));
  await relay.drained();
  const flood = Array.from({ length: ROOMS }, async (_one, index) => {
    for (let number = 0; number < EACH; number += 1) await relay.accept(flooded(index), { id: `flot-${String(number)}` });
  });
  await until(async () => ((await waiting()) > 500 ? true : undefined), { everyMs: 50 });
  const asked = Date.now();
  const busy = await Promise.all([
    latency('voisine', { id: 'urgent', connection: 'parapheur' }),
    latency('lointaine', { id: 'urgent', connection: 'rivebelle-gta' }),
  ]);
  await Promise.all(flood);
  await relay.drained(200_000);
  const drained = Date.now() - asked;
  console.log(`quiet ${quiet.join(', ')} ms; in the flood ${busy.join(', ')} ms; flood over after ${String(drained)} ms`);
  // In line behind the flood they would wait as long as it lasts; a homeserver under load alone makes them slower than in quiet.
  for (const ms of busy) expect(ms).toBeLessThan(drained / 4);
}, 300_000);
