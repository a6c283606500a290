/** One process of PostgreSQL that goes wrong alone, while its server is well: it holds up nobody. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople, postUntilTaken } from '../support/door.ts';
import { pause } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

const AGENT = 'ida.loup';
const NAME = 'appservice';
const MOST = 25; // its connections at rest; new ones come for those that are given up
let count = 0;

beforeAll(async () => {
  bed = await startMatrixBed('faults-backend');
  // Named, so that its processes are told from the test's own.
  const file = join(bed.folder, 'secrets/store');
  await writeFile(file, `${await readFile(file, 'utf8')}&application_name=${NAME}`);
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
  await addPeople(bed, [AGENT]);
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

/** The processes that serve the appservice. */
async function backends(): Promise<number[]> {
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity where application_name = ${NAME} order by pid`.execute(
    bed.store,
  );
  return rows.map(({ pid }) => pid);
}

/** Posts one more object, as a tool does that waits some seconds for an answer and then comes again. */
async function postNext(): Promise<void> {
  count += 1;
  await postUntilTaken(bed, { agent: AGENT, id: `objet-${String(count)}`, title: `Objet ${String(count)}` });
}

async function expectEverything(): Promise<void> {
  const titles = (await hands.messages(AGENT, count)).map(({ content }) => Number(/Objet (\d+)/.exec(String(content.body))?.[1]));
  expect(titles).toEqual(Array.from({ length: count }, (_one, index) => index + 1));
}

test('each that is stopped, one after the other, is given up: events are taken and reach their room meanwhile', async () => {
  await postNext();
  await expectEverything();
  const stopped = new Set<number>();
  const next = async (): Promise<number | undefined> => (await backends()).find((pid) => !stopped.has(pid));
  for (let pid = await next(); pid !== undefined && stopped.size < MOST; pid = await next()) {
    stopped.add(pid);
    process.kill(pid, 'SIGSTOP');
    try {
      for (let posted = 0; posted < 3; posted += 1) await postNext();
      await expectEverything();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }
  await hands.drained();
  await expectEverything();
  expect(appservice.process.exitCode).toBeNull();
}, 300_000);

test('each that is ended, one after the other, is replaced: nothing is lost or doubled', async () => {
  const ending = { isOver: false };
  const ended = (async () => {
    for (const pid of await backends()) {
      await sql`select pg_terminate_backend(${pid})`.execute(bed.store);
      await pause(100);
    }
    ending.isOver = true;
  })();
  while (!ending.isOver) await postNext();
  await ended;
  await hands.drained();
  await expectEverything();
  expect(appservice.process.exitCode).toBeNull();
});
