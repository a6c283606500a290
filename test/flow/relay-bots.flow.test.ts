import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRowId } from '../../appservice/store/outbox.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('burst');
  hands = new RelayBed(bed);
});

afterAll(async () => {
  await hands.stop();
  await bed.stop();
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_one, index) => index + 1);

test('twelve bots that send at once into one room, ten rounds, lose none of each other’s messages', async () => {
  const address = 'desk:ville-claire:claire.morel';
  const roomId = await hands.matrix.ensureRoom(address);
  const bots = upTo(12).map((number) => `ecritoire_essai${String(number)}`);
  for (const bot of bots) expect(await hands.matrix.ensureMember({ address, roomId, bots: [] }, bot)).toBe(true);
  for (const round of upTo(10)) {
    const sends = bots.map((sender) => {
      const id = newRowId();
      const content = { msgtype: 'm.text', body: `tour ${String(round)} de ${sender}`, 'fr.ecritoire.row': id };
      return hands.matrix.send({ roomId, sender, id, frozen: { type: 'm.room.message', content } });
    });
    for (const outcome of await Promise.all(sends)) expect(outcome.kind).toBe('sent');
  }
  const bodies = (await hands.timeline(roomId)).flatMap(({ type, content }) => (type === 'm.room.message' ? [String(content.body)] : []));
  expect(bodies).toHaveLength(120);
  expect(new Set(bodies).size).toBe(120);
});
