import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople, post, postUntilTaken, told } from '../support/door.ts';
import { pause, until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;
let again: Postgres | undefined;

const AGENT = 'ida.loup';
let count = 0;

beforeAll(async () => {
  bed = await startMatrixBed('faults-store');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
  await addPeople(bed, [AGENT]);
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
  await again?.stop();
});

/** As the database's own administrator, whom none of these faults hold up. */
async function administer(...statements: string[]): Promise<void> {
  const client = new pg.Client({
    connectionString: bed.postgres.url('ecritoire').replace('ecritoire@', 'postgres@'),
    options: '-c default_transaction_read_only=off',
  });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const next = () => ({ agent: AGENT, id: `objet-${String((count += 1))}`, title: `Objet ${String(count)}`, time: new Date().toISOString() });

/** Every fault, the same way: taken before, refused with a time to come again meanwhile, taken afterwards; nothing lost or doubled. */
async function survive({
  begin,
  end,
  words,
}: {
  begin: () => Promise<unknown>;
  end: () => Promise<unknown>;
  words: string;
}): Promise<void> {
  await postUntilTaken(bed, next());
  await begin();
  const refused = next();
  const answer = await until(
    async () => {
      const one = await post(bed, refused);
      return one.status === 202 ? undefined : one;
    },
    { everyMs: 100 },
  );
  expect(answer?.status).toBe(503);
  expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0);
  await pause(2500);
  expect((await post(bed, refused)).status).toBe(503);
  expect((await fetch(`http://127.0.0.1:${String(bed.config.appservice.internal.port)}/livez`)).status).toBe(200);
  await end();
  await postUntilTaken(bed, refused);
  await postUntilTaken(bed, next());
  await expectEverything();
  const sentences = await told(hands, words);
  expect(sentences).toHaveLength(1);
  expect(sentences[0]).toContain('Elle enregistre de nouveau');
  expect(appservice.process.exitCode).toBeNull();
}

async function expectEverything(): Promise<void> {
  await hands.messages(AGENT, count);
  await hands.drained();
  const titles = (await hands.messages(AGENT, count)).map(({ content }) => Number(/Objet (\d+)/.exec(String(content.body))?.[1]));
  expect(titles).toEqual(Array.from({ length: count }, (_one, index) => index + 1));
}

test('a PostgreSQL that is stopped and started again', () =>
  survive({
    begin: () => bed.postgres.stop(),
    end: async () => (again = await startPostgres({ folder: join(bed.folder, 'postgres') })),
    words: 'La base de données n’a pas répondu',
  }));

test('a PostgreSQL that takes no more connections', () =>
  survive({
    begin: () =>
      administer(
        'alter role ecritoire connection limit 0',
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ecritoire'",
      ),
    end: () => administer('alter role ecritoire connection limit -1'),
    words: 'refusait nos connexions',
  }));

test('a PostgreSQL that is read-only', () =>
  survive({
    begin: () => administer('alter system set default_transaction_read_only = on', 'select pg_reload_conf()'),
    end: () => administer('alter system reset default_transaction_read_only', 'select pg_reload_conf()'),
    words: 'était en lecture seule',
  }));

// The code that a full disk gives is planted: a small disk of one's own needs rights that not every machine grants.
test('a PostgreSQL whose disk is full', () =>
  survive({
    begin: () =>
      administer(
        `create function full_disk() returns trigger language plpgsql as
         'begin raise exception using errcode = ''53100'', message = ''could not extend file: No space left on device''; end'`,
        'create trigger full_disk before insert on work.deliveries for each statement execute function full_disk()',
      ),
    end: () => administer('drop trigger full_disk on work.deliveries', 'drop function full_disk()'),
    words: 'n’avait plus de place sur son disque',
  }));
