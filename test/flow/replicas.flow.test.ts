import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAppservice } from '../support/appservice-process.ts';
import { until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('replicas');
  hands = new RelayBed(bed);
});

afterAll(async () => {
  await hands.stop();
  await bed.stop();
});

/** As it is before the first start. */
async function emptyStore(): Promise<void> {
  const client = new pg.Client({ connectionString: bed.config.store.url });
  await client.connect();
  await client.query('drop schema work cascade; drop schema record cascade; drop table kysely_migration, kysely_migration_lock');
  await client.end();
}

describe('three replicas on one store', () => {
  test('that start at once on an empty one migrate it once, share the work, and may die at any time', async () => {
    await emptyStore();
    const replicas = await Promise.all([1, 2, 3].map(() => startAppservice(bed)));
    try {
      await Promise.all(replicas.map((replica) => replica.ready()));
      const { rows } = await sql<{ times: number }>`select count(*)::int as times from kysely_migration group by name`.execute(bed.store);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.every(({ times }) => times === 1)).toBe(true);
      const titles: string[] = [];
      for (const [index, replica] of replicas.entries()) {
        for (const agent of ['ada', 'bea', 'cleo', 'dana']) await hands.accept(agent, { title: `Objet ${String(index)}` });
        titles.push(`Objet ${String(index)}`);
        if (index < 2) await replica.kill();
      }
      await hands.drained();
      for (const agent of ['ada', 'bea', 'cleo', 'dana']) {
        const said = (await hands.messages(agent, 3)).map(({ content }) => /Objet \d/.exec(String(content.body))?.[0]);
        expect(said).toEqual(titles);
      }
    } finally {
      for (const replica of replicas) await replica.kill();
    }
  });
});

describe('three replicas that start while the homeserver sends again what it kept for us', () => {
  test('are all ready: it trips over their pings then, which came nevertheless', async () => {
    const isTransaction = ({ path }: { path: string }): boolean => path.includes('/transactions/');
    const tries = (): number => bed.door.seen.filter(isTransaction).length;
    const before = tries();
    const ada = await bed.signIn('ada');
    await ada.call('POST', '/createRoom', { invite: [`@ecritoire_desk:${bed.config.serverName}`] });
    expect(await until(() => Promise.resolve(tries() >= before + 3 ? true : undefined))).toBe(true);
    bed.door.fault = (asked) => (isTransaction(asked) ? { holdMs: 3000 } : undefined);
    const replicas = await Promise.all([1, 2, 3].map(() => startAppservice(bed)));
    try {
      await Promise.all(replicas.map((replica) => replica.ready()));
      for (const { log } of replicas) {
        const said = await readFile(log, 'utf8');
        expect(said).not.toContain('does not reach us');
        expect(said).not.toContain('n’atteint pas');
      }
    } finally {
      bed.door.fault = () => undefined;
      for (const replica of replicas) await replica.kill();
    }
  });
});

describe('an older replica', () => {
  test('refuses a store that a newer version has migrated: one French sentence, exit code 78', async () => {
    const newer = '9999-of-a-later-version';
    await sql`insert into kysely_migration (name, timestamp) values (${newer}, ${new Date().toISOString()})`.execute(bed.store);
    const started = await startAppservice(bed);
    try {
      expect(await started.ended()).toBe('78');
      // Node's own warnings stand before it.
      const said = (await readFile(started.log, 'utf8')).trim().split('\n').at(-1);
      expect(said).toBe(
        `Cette base a déjà servi à une version plus récente d’Écritoire (${newer})\u00a0: démarrez cette version-là, ou une plus récente.`,
      );
    } finally {
      await sql`delete from kysely_migration where name = ${newer}`.execute(bed.store);
      await started.kill();
    }
  });
});
