import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

beforeAll(async () => {
  bed = await startMatrixBed('dispatch');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

test('an item accepted while it runs is in the desk room, and its indicator counts it', async () => {
  await hands.accept('claire.morel', { title: 'Demande' });
  expect(await hands.messages('claire.morel', 1)).toHaveLength(1);
});
