import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { sql } from '../../bots/sql/index.ts';
import { twin as ownTwin } from '../../bots/sql/twin.ts';
import { describeBot } from '../contract/bot.contract.ts';
import { makeCertificate } from '../contract/certificate.ts';
import { findMariadb, startMariadb, startSqlPostgres } from '../support/sql-servers.ts';
import { realTwin } from '../support/sql-twin.ts';

const DAY_MS = 86_400_000;
const certificate = makeCertificate({ from: new Date(Date.now() - DAY_MS), until: new Date(Date.now() + DAY_MS) });
const folder = fileURLToPath(new URL('../../bots/sql', import.meta.url));
const own = await ownTwin.start();
await own.stop();

const program = findMariadb({ say: (line) => console.log(line) });
const servers = await Promise.all([startSqlPostgres(), ...(program === undefined ? [] : [startMariadb(program, certificate)])]);
afterAll(() => Promise.all(servers.map((server) => server.stop())));

if (program === undefined)
  it('MariaDB is neither there nor ours to install: the suite ran against the twin and PostgreSQL', () => {
    console.log('Install it to run the suite against the real server (as root: apt-get install mariadb-server-core).');
    expect(program).toBeUndefined();
  });

describe.each(servers.map((server) => [server.scheme, server] as const))('beside a real %s', (_, server) => {
  const real = realTwin(server, own.config);
  describeBot(sql, real, { folder, skip: [...(ownTwin.skip ?? []), ...(real.skip ?? [])] });
});
