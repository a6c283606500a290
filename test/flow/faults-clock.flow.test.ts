/** An appservice whose clock is an hour ahead of the tools', the homeserver's and the store's. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestEvent } from '../../appservice/desk/event.ts';
import { PATIENCE_MS } from '../support/guarded.ts';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople, post, postUntilTaken, told } from '../support/door.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

const CLOCK_AHEAD = fileURLToPath(new URL('../support/clock-ahead.ts', import.meta.url));
const AGENT = 'ida.loup';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

beforeAll(async () => {
  bed = await startMatrixBed('faults-clock');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed, { preload: CLOCK_AHEAD });
  await appservice.ready();
  await addPeople(bed, [AGENT]);
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

const event = { agent: AGENT, id: 'objet-2', title: 'Objet 2', time: new Date().toISOString() };

test('the admins are told by how much; what was accepted is sent, what is asked now is not taken for an hour old', async () => {
  const sentences = await told(hands, 'L’horloge du service applicatif');
  expect(sentences).toHaveLength(1);
  expect(sentences[0]).toMatch(/avance de 60\sminutes par rapport à celle du serveur Matrix/);
  await hands.accept(AGENT, { id: 'objet-1', title: 'Objet 1', actions: [{ id: 'viser', label: 'Viser', risk: 'amber' }] });
  const [card] = await hands.messages(AGENT, 1);
  const agent = await bed.signIn(AGENT);
  const room = encodeURIComponent(await hands.room(`desk:ville-claire:${AGENT}`));
  await agent.call('POST', `/rooms/${room}/join`, {});
  const { type, content } = requestEvent({ items: [card?.event_id ?? ''], action: 'viser', askedAt: Date.now() });
  const sent = await agent.call('PUT', `/rooms/${room}/send/${type}/1`, content);
  const isKept = async (): Promise<boolean> =>
    (await bed.store.selectFrom('record.requests').select('seq').where('event_id', '=', String(sent.body.event_id)).executeTakeFirst()) !==
    undefined;
  await expect.poll(isKept, { timeout: PATIENCE_MS }).toBe(true);
  await hands.drained();
  const said = (await hands.timeline(await hands.room(`desk:ville-claire:${AGENT}`))).map((one) => String(one.content.body));
  expect(said.filter((body) => body.includes('il y a plus de 15'))).toEqual([]);
});

test('a tool’s signature seems an hour old, so it is refused; the tool posts again once the clock is right, and nothing is lost', async () => {
  expect((await post(bed, event)).status).toBe(401);
  await appservice.stop();
  appservice = await startAppservice(bed);
  await appservice.ready();
  await postUntilTaken(bed, event);
  const titles = async () => (await hands.messages(AGENT, 1)).map(({ content }) => /Objet \d/.exec(String(content.body))?.[0]);
  await expect.poll(titles, { timeout: PATIENCE_MS }).toContain('Objet 2');
});
