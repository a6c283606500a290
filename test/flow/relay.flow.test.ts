import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMatrixBed, type MatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let relay: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('relay');
  relay = new RelayBed(bed);
  relay.start();
});

afterAll(async () => {
  await relay.stop();
  await bed.stop();
});

test('an accepted item is a message in its agent’s desk room, by the tool’s bot, with its link and its row', async () => {
  const key = await relay.accept('claire.morel', { title: 'Demande de congé à valider' });
  const [message] = await relay.messages('claire.morel', 1);
  expect(message?.sender).toBe('@ecritoire_gta:desk.localhost');
  expect(message?.content['body']).toContain('Demande de congé à valider');
  expect(message?.content).toMatchObject({ 'fr.ecritoire.item': { key } });
  expect(uuidv7().length).toBe(String(message?.content['fr.ecritoire.row']).length);
});
