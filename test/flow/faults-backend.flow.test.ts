/** One process of PostgreSQL that goes wrong alone, while its server is well: it holds up nobody. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople, postUntilTaken } from '../support/door.ts';
import { pause, until } from '../support/guarded.ts';
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

/**
 * Stops a process while nothing is asked of it. One that is stopped at work may hold what all the others need, the lock of the
 * log or of a row: PostgreSQL takes that from nobody, and it is not to be told from one that works for long.
 */
async function stopAtRest(pid: number): Promise<void> {
  const isAtRest = await until(async () => {
    process.kill(pid, 'SIGSTOP');
    // Whoever asks may need what it holds, and then hears nothing.
    if ((await Promise.race([stateOf(pid), pause(1000)])) === 'idle') return true;
    process.kill(pid, 'SIGCONT');
    return undefined;
  });
  if (isAtRest === undefined) throw new Error(`The process ${String(pid)} is never at rest`);
}

async function stateOf(pid: number): Promise<string | null | undefined> {
  const { rows } = await sql<{ state: string | null }>`select state from pg_stat_activity where pid = ${pid}`.execute(bed.store);
  return rows[0]?.state;
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
    await stopAtRest(pid);
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
