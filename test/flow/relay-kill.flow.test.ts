import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAppservice } from '../support/appservice-process.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('kill');
  hands = new RelayBed(bed);
});

afterAll(async () => {
  await hands.stop();
  await bed.stop();
});

/** Between every two of these the process can end; the second number is how often it comes by before it does. */
const STEPS = [
  'relay.claimed',
  'rooms.made',
  'relay.room',
  'rooms.joined',
  'relay.frozen:2',
  'relay.sent:1',
  'relay.sent:2',
  'relay.marked:2',
  'relay.turned',
  'relay.released',
];

test.each(STEPS)('killed at %s, it has every item in its room exactly once and in order after the next start', async (step) => {
  const agent = `agent.${step.replace(/[^a-z]+/g, '.')}${step.replace(/\D/g, '')}`;
  for (const number of [1, 2, 3]) await hands.accept(agent, { id: `${step}/${String(number)}`, title: `Objet ${String(number)}` });
  const killed = await startAppservice(bed, { killAt: step });
  try {
    expect(await killed.ended()).toBe('SIGKILL');
  } finally {
    await killed.kill();
  }
  await hands.accept(agent, { id: `${step}/4`, title: 'Objet 4' });
  const again = await startAppservice(bed);
  try {
    await again.ready();
    await hands.messages(agent, 4);
    await hands.drained();
    const messages = await hands.messages(agent, 4);
    expect(messages.map(({ content }) => /Objet \d/.exec(String(content.body))?.[0])).toEqual(['Objet 1', 'Objet 2', 'Objet 3', 'Objet 4']);
    const roomId = await hands.room(`desk:ville-claire:${agent}`);
    expect(await hands.state(roomId, 'fr.ecritoire.tool', 'gta')).toMatchObject({ counts: { open: 4 } });
  } finally {
    await again.stop();
  }
});
