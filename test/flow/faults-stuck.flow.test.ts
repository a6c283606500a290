/** A PostgreSQL that takes what it is asked and says nothing: all of its processes are stopped, and go on later. */
import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../appservice/store/open.ts';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople, post, postUntilTaken, told } from '../support/door.ts';
import { pause } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

const AGENT = 'ida.loup';

beforeAll(async () => {
  bed = await startMatrixBed('faults-stuck');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
  await addPeople(bed, [AGENT]);
});

afterAll(async () => {
  await signal('SIGCONT');
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

/** To the postmaster and to every process it has made, which are its children. */
async function signal(name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const { pid } = bed.postgres;
  const stats = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  for (const entry of stats) {
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (Number(entry) === pid || parent === pid) process.kill(Number(entry), name);
  }
}

const event = (number: number) => ({
  agent: AGENT,
  id: `objet-${String(number)}`,
  title: `Objet ${String(number)}`,
  time: `2026-11-26T10:0${String(number)}:00Z`,
});
const internal = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${String(bed.config.appservice.internal.port)}${path}`);

test('what is posted meanwhile is refused with a time to come again, readiness says so, and everything goes on', async () => {
  await postUntilTaken(bed, event(1));
  await hands.messages(AGENT, 1);
  await signal('SIGSTOP');
  const [posted, ready] = await Promise.all([post(bed, event(2)), internal('/readyz')]);
  expect(posted.status).toBe(503);
  expect(Number(posted.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(ready.status).toBe(503);
  expect((await post(bed, event(2))).status).toBe(503);
  expect((await internal('/livez')).status).toBe(200);
  await pause(4000);
  await signal('SIGCONT');
  await postUntilTaken(bed, event(2));
  await postUntilTaken(bed, event(3));
  const titles = (await hands.messages(AGENT, 3)).map(({ content }) => /Objet \d/.exec(String(content.body))?.[0]);
  expect(titles).toEqual(['Objet 1', 'Objet 2', 'Objet 3']);
  expect(await told(hands, 'acceptait nos demandes sans y répondre')).toHaveLength(1);
  expect((await internal('/readyz')).status).toBe(200);
  expect(appservice.process.exitCode).toBeNull();
});

test('a statement that takes longer than any of that, on a server that is well, is not cut', async () => {
  const { store } = openStore(bed.config.store.url, { isWatched: true });
  try {
    const { rows } = await sql<{ slept: boolean }>`select pg_sleep(8) is not null as slept`.execute(store);
    expect(rows).toEqual([{ slept: true }]);
  } finally {
    await store.destroy();
  }
});
