import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAppservice } from '../support/appservice-process.ts';
import { addPeople, post, postUntilTaken } from '../support/door.ts';
import { until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;

const AGENTS = ['ana.lys', 'ben.iris', 'cleo.rose', 'dan.pin', 'eli.orme', 'flo.saule'];
const EACH = 40;

beforeAll(async () => {
  bed = await startMatrixBed('stop');
  hands = new RelayBed(bed);
  await addPeople(bed, AGENTS);
});

afterAll(async () => {
  await hands.stop();
  await bed.stop();
});

test('asked to end in the midst of work it does so by itself, and the next start brings every accepted event into its room once, in order', async () => {
  const first = await startAppservice(bed);
  await first.ready();
  let taken = 0;
  /** One agent's events, one after the other, each repeated until it is taken. */
  const tool = async (agent: string): Promise<void> => {
    for (let number = 1; number <= EACH; number += 1) {
      await postUntilTaken(bed, { agent, id: `${agent}/${String(number)}`, title: `Objet ${String(number)}` });
      taken += 1;
    }
  };
  const tools = Promise.all(AGENTS.map(tool));
  await until(() => Promise.resolve(taken > 60 ? true : undefined));
  first.process.kill('SIGTERM');
  expect(await first.ended()).toBe('0');
  const second = await startAppservice(bed);
  try {
    await second.ready();
    await tools;
    await hands.drained();
    for (const agent of AGENTS) {
      const numbers = (await hands.messages(agent, EACH)).map(({ content }) => Number(/Objet (\d+)/.exec(String(content.body))?.[1]));
      expect(numbers).toEqual(Array.from({ length: EACH }, (_one, index) => index + 1));
    }
  } finally {
    await second.stop();
  }
});

test('one id leads through the log from the door to the room; no secret stands in it, also when the homeserver fails', async () => {
  const appservice = await startAppservice(bed);
  try {
    await appservice.ready();
    let left = 2;
    bed.proxy.fault = ({ body }) => (body.includes('Objet suivi') && (left -= 1) >= 0 ? 'cut' : undefined);
    expect((await post(bed, { agent: 'ana.lys', id: 'suivi-1', title: 'Objet suivi' })).status).toBe(202);
    await hands.drained();
    const row = await bed.store.selectFrom('work.outbox').selectAll().where('subject', 'like', '%suivi-1').executeTakeFirstOrThrow();
    const text = await readFile(appservice.log, 'utf8');
    const lines = text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
    const ours = lines.filter(({ delivery }) => delivery === 'suivi-1');
    expect(ours).toMatchObject([
      { msg: 'accepted', connection: 'gta' },
      { msg: 'in the room', row: row.id, event: row.event_id },
    ]);
    const { appservice: settings, connections } = bed.config;
    const secrets = [settings.asToken, settings.hsToken, settings.internalToken, settings.recordKey.toString('base64')];
    for (const secret of [...secrets, ...connections.flatMap((one) => one.secrets)]) expect(text).not.toContain(secret);
    const metrics = await (await fetch(`http://127.0.0.1:${String(settings.internal.port)}/metrics`)).text();
    expect(metrics).toMatch(/ecritoire_relay_delivery_seconds_count\{connection="gta"\} [1-9]/);
    expect(metrics).toMatch(/ecritoire_relay_retries_total\{connection="gta"\} [1-9]/);
    expect(metrics).not.toMatch(/ana\.lys|desk\.localhost/);
  } finally {
    bed.proxy.fault = () => undefined;
    await appservice.stop();
  }
});
