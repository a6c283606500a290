import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople, post, told } from '../support/door.ts';
import { pause } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

beforeAll(async () => {
  bed = await startMatrixBed('faults-homeserver');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
  await addPeople(bed, ['ida.loup', 'jo.renard', 'kim.cerf', 'lou.merle']);
});

afterEach(() => {
  bed.proxy.fault = () => undefined;
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_one, index) => index + 1);

/** Posts so many events for an agent; each is to be taken at once. */
async function acceptAll(agent: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const answer = await post(bed, { agent, id: `${agent}/${String(number)}`, title: `Objet ${String(number)}` });
    expect(answer.status).toBe(202);
  }
}

async function expectInOrder(agent: string, count: number): Promise<void> {
  await hands.messages(agent, count);
  await hands.drained();
  const numbers = (await hands.messages(agent, count)).map(({ content }) => Number(/Objet (\d+)/.exec(String(content.body))?.[1]));
  expect(numbers).toEqual(upTo(count));
}

test('a homeserver that is down costs nothing: events are taken, reach their room in order afterwards, and one sentence says since when', async () => {
  await acceptAll('ida.loup', upTo(3));
  await expectInOrder('ida.loup', 3);
  await bed.killSynapse();
  await acceptAll('ida.loup', [4, 5, 6, 7, 8]);
  await pause(8000);
  // As after ten minutes: the desk was tried so often that its patience is at its longest.
  await bed.store.updateTable('work.rooms').set({ attempts: 500 }).where('address', '=', 'desk:ville-claire:ida.loup').execute();
  await pause(6000);
  await bed.restartSynapse();
  await expectInOrder('ida.loup', 8);
  const sentences = await told(hands, 'n’a pas répondu');
  expect(sentences).toHaveLength(1);
  expect(sentences[0]).toMatch(/^Le serveur Matrix n’a pas répondu du \S+ \d+ \S+ à \d+\sh.* \(\d+\ssecondes\)\. Il répond de nouveau/);
});

test.each([
  { agent: 'jo.renard', says: 'pages of another program', status: 200, words: 'a répondu autre chose que du Matrix' },
  { agent: 'kim.cerf', says: 'errors of a proxy', status: 502, words: 'n’a répondu que des erreurs' },
])('a homeserver that answers $says is waited for, and told of', async ({ agent, status, words }) => {
  await acceptAll(agent, [1]);
  await expectInOrder(agent, 1);
  bed.proxy.fault = () => ({ status, headers: { 'content-type': 'text/html' }, body: '<h1>Bonjour</h1>' });
  await acceptAll(agent, [2, 3]);
  await pause(7000);
  bed.proxy.fault = () => undefined;
  await expectInOrder(agent, 3);
  expect(await told(hands, words)).toHaveLength(1);
});

test('an answer that takes 70 s is not waited for: the same transaction is repeated, the message stands once', async () => {
  await acceptAll('lou.merle', [1]);
  await expectInOrder('lou.merle', 1);
  let left = 1;
  bed.proxy.fault = ({ path }) => (path.includes('/send/m.room.message/') && (left -= 1) >= 0 ? { holdMs: 70_000 } : undefined);
  await acceptAll('lou.merle', [2, 3]);
  await expectInOrder('lou.merle', 3);
  expect(await told(hands, 'a mis trop longtemps à répondre')).toHaveLength(1);
});

test('a homeserver that asks for patience gets it, and the admins a hint', async () => {
  let left = 2;
  bed.proxy.fault = ({ path }) =>
    path.includes('/send/m.room.message/') && (left -= 1) >= 0
      ? {
          status: 429,
          headers: { 'content-type': 'application/json' },
          body: '{"errcode":"M_LIMIT_EXCEEDED","error":"slow down","retry_after_ms":800}',
        }
      : undefined;
  await acceptAll('lou.merle', [4]);
  await expectInOrder('lou.merle', 4);
  expect(await told(hands, 'demande de ralentir')).toHaveLength(1);
});
