/** What only a real database does: its types, its refusals, its transactions. */
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { dirname } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Swept } from '../../bots/bot.ts';
import { DeskError } from '../../appservice/desk/errors.ts';
import { sql } from '../../bots/sql/index.ts';
import { twin as ownTwin } from '../../bots/sql/twin.ts';
import { BotBed, CLAIRE, MARC } from '../contract/bed.ts';
import { expiredCertificate, makeCertificate } from '../contract/certificate.ts';
import { openTlsFront } from '../support/sql-gate.ts';
import { findMariadb, type SqlServer, startMariadb, startSqlPostgres } from '../support/sql-servers.ts';
import { type RealTwin, startRealTwin } from '../support/sql-twin.ts';

const DAY_MS = 86_400_000;
const OBJECTS = 5100; // of two rows each: more than one look takes
const certificate = makeCertificate({ from: new Date(Date.now() - DAY_MS), until: new Date(Date.now() + DAY_MS) });
const own = await ownTwin.start();
await own.stop();
const { columns: COLUMNS } = own.config as { columns: object };
const program = findMariadb({ say: (line) => console.log(line) });
const starts: [string, () => Promise<SqlServer>][] = [
  ['PostgreSQL', () => startSqlPostgres()],
  ...(program === undefined ? [] : [['MariaDB', () => startMariadb(program, certificate)] as [string, () => Promise<SqlServer>]]),
];

describe.each(starts)('a view of a real %s', (name, start) => {
  const isPostgres = name === 'PostgreSQL';
  let server: SqlServer;
  let real: RealTwin;
  let bed: BotBed;
  beforeAll(async () => (server = await start()));
  afterAll(() => server.stop());

  /** A database of its own, looked at by these settings besides. */
  const open = async (settings: Record<string, unknown> = {}): Promise<BotBed> => {
    real = await startRealTwin(server, own.config);
    bed = await BotBed.start(sql, { start: () => Promise.resolve(real) });
    return seenBy(settings);
  };
  const seenBy = (settings: Record<string, unknown>): BotBed => bed.as({ config: sql.config.parse({ ...real.config, ...settings }) });
  const itemsOf = async (at: BotBed, cursor?: unknown) => {
    const swept: Swept = (await at.bot.poll?.(at.ctx(), cursor)) ?? { payloads: [], complete: false };
    const read = swept.payloads.map((payload) => at.normalise(payload));
    return {
      ...swept,
      items: read.flatMap(({ items }) => items),
      reasons: read.flatMap(({ rejected }) => rejected.map(({ reason }) => reason.replaceAll(/[\u00a0\u202f]/g, ' '))),
    };
  };
  const failure = async (at: BotBed): Promise<string> => {
    const found = await at.sweep().then(
      ({ complete }) => (complete ? 'complete' : 'incomplete'),
      (error: unknown) => error,
    );
    if (!(found instanceof DeskError)) return String(found);
    expect(`${found.message} ${at.lines.join()}`).not.toContain('mot-de-passe');
    return `${found.code} ${found.message}`;
  };

  it('is refused by what it refuses, each with its code, and nothing is closed', async () => {
    await open();
    bed.twin.add([CLAIRE]);
    const base = String(real.config['server']);
    expect(await failure(seenBy({ password: 'faux' }))).toMatch(/^auth /);
    expect(await failure(seenBy({ server: base.replace(/[^/]+$/, 'nulle_part') }))).toMatch(
      isPostgres ? /^config .*database/ : /^(denied|config) /,
    );
    expect(await failure(seenBy({ view: `${real.schema}.absente` }))).toBe('incomplete');
    const columns = { ...COLUMNS, due: 'echeances' };
    const missing = await itemsOf(seenBy({ columns }));
    expect(missing).toMatchObject({ complete: false, items: [], fault: { code: 'config' } });
    expect(missing.reasons.join()).toMatch(/colonnes absentes de la vue « .*» : « echeances » \(renommées en « echeance » \?\)/);
    await real.run(`REVOKE SELECT ON ${real.view} FROM ${real.user}`);
    // MariaDB does not even show what may not be read.
    expect(await failure(bed)).toMatch(isPostgres ? /^denied .*no right/ : /^(denied|incomplete)/);
    await bed.stop();
  });

  it('that never ends is ended by the server, and one that wants to write is not read', async () => {
    await open();
    const sleep = isPostgres ? 'pg_sleep(70)::text' : 'SLEEP(70)';
    await real.run(`CREATE VIEW ${real.schema}.lente AS SELECT c.*, ${sleep} AS attente FROM ${real.table} c`);
    await real.run(`GRANT SELECT ON ${real.schema}.lente TO ${real.user}`);
    bed.twin.add([CLAIRE]);
    const slow = seenBy({ view: `${real.schema}.lente`, columns: { ...COLUMNS, summary: 'attente' } });
    slow.fail({ kind: 'slow', ms: 0 }); // with little patience
    expect(await failure(slow)).toMatch(/^unavailable /);
    const body = isPostgres
      ? `text LANGUAGE sql AS $$ INSERT INTO ${real.table} (numero) VALUES ('1') RETURNING numero $$`
      : `int MODIFIES SQL DATA BEGIN INSERT INTO ${real.table} (numero) VALUES ('1'); RETURN 1; END`;
    await real.run(`CREATE FUNCTION ${real.schema}.ecrit() RETURNS ${body}`);
    await real.run(`GRANT ${isPostgres ? 'INSERT, ' : ''}SELECT ON ${real.table} TO ${real.user}`);
    await real.run(`CREATE VIEW ${real.schema}.ecrivante AS SELECT c.*, ${real.schema}.ecrit() AS ecrit FROM ${real.table} c`);
    await real.run(`GRANT SELECT ON ${real.schema}.ecrivante TO ${real.user}`);
    const writing = seenBy({ view: `${real.schema}.ecrivante`, columns: { ...COLUMNS, summary: 'ecrit' } });
    // MariaDB does not even open it.
    if (isPostgres) expect(await failure(writing)).toMatch(/^config .*write/);
    else {
      const { fault, reasons } = await itemsOf(writing);
      expect([fault?.code, reasons.join()]).toEqual(['config', expect.stringMatching(/est là, mais ne peut pas être lue/)]);
    }
    await bed.stop();
  });

  it('cut in the middle of its rows closes nothing, and says that it was not read', async () => {
    await open();
    const keys = bed.twin.addMany?.([CLAIRE], 3000) ?? [];
    expect((await bed.sweep()).keys.length).toBe(keys.length);
    for (const cutAfter of [2000, 100_000]) {
      real.cut({ cutAfter });
      expect(await failure(bed)).toMatch(/^unavailable /);
    }
    real.cut();
    expect((await bed.sweep()).keys.length).toBe(keys.length);
    await bed.stop();
  });

  it('whose answers are garbled ends its connection and nothing else', async () => {
    await open();
    bed.twin.addMany?.([CLAIRE], 50);
    const at = seenBy({});
    at.fail({ kind: 'slow', ms: 0 }); // with little patience
    // Without a guard some of these end the process.
    for (const garbledAt of [0, 1, 3, 5, 8, 12, 90, 400, 700, 900, 1100]) {
      real.cut({ garbledAt });
      await at.sweep().catch((error: unknown) => expect(error).toBeInstanceOf(DeskError));
    }
    real.cut();
    expect((await bed.sweep()).keys.length).toBe(50);
    await bed.stop();
  });

  it('with more connections than are allowed is tried again', async () => {
    await open();
    await real.run(
      `ALTER ${isPostgres ? 'ROLE' : 'USER'} ${real.user} ${isPostgres ? 'CONNECTION LIMIT 0' : 'WITH MAX_CONNECTIONS_PER_HOUR 1'}`,
    );
    if (!isPostgres) await bed.sweep();
    expect(await failure(bed)).toMatch(/^unavailable .*too many connections/);
    await bed.stop();
  });

  it('is encrypted when that is asked for: for the right name, by a known authority, and never otherwise', async () => {
    await open();
    bed.twin.add([CLAIRE]);
    const { port } = new URL(String(real.config['server']));
    // The embedded server listens on its socket alone.
    const front = isPostgres ? await openTlsFront(Number(port), certificate) : undefined;
    const address = (host: string) => String(real.config['server']).replace(`127.0.0.1:${port}`, `${host}:${front?.port ?? port}`);
    const secure = (settings: object = {}) => seenBy({ tls: true, ca: certificate.cert, server: address('localhost'), ...settings });
    expect((await secure().sweep()).keys).toEqual(['BC-1']);
    expect(await failure(secure({ ca: undefined }))).toMatch(/^config .*certificate/);
    expect(await failure(secure({ ca: expiredCertificate().cert }))).toMatch(/^config .*certificate/);
    // A name that leads to the same server, and is not the one of its certificate.
    const guard = { ...bed.guard, lookup: ((_name, _options, answer) => answer(null, '127.0.0.1', 4)) satisfies LookupFunction };
    expect(await failure(secure({ server: address('autre.example') }).as({ guard }))).toMatch(/^config .*certificate/);
    if (isPostgres) expect((await secure({ server: address('127.0.0.1') }).sweep()).keys).toEqual(['BC-1']);
    if (isPostgres) expect(await failure(seenBy({ tls: true }))).toMatch(/^config .*does not encrypt/);
    front?.stop();
    await bed.stop();
  });

  it('gives values as they are: zones, numbers, blanks, nothing, days that were never given', async () => {
    await open();
    const zoned = isPostgres ? `timestamptz '2026-03-29 01:30:00.123456+00'` : `TIMESTAMP '2026-03-29 01:30:00.123456'`;
    const table = `${real.schema}.divers`;
    const types = isPostgres
      ? 'cle bigint, titre char(30), mail text, vide text, vrai boolean, prix numeric(20,4), jour date, mur timestamp, zone timestamptz'
      : 'cle bigint, titre char(30) CHARACTER SET latin1, mail text, vide text, vrai bit(1), prix decimal(20,4), jour date, mur datetime(6), zone timestamp(6) NULL';
    await real.run(`CREATE TABLE ${table} (${types})`);
    if (!isPostgres) await real.run("SET SESSION sql_mode = '', time_zone = '+00:00'");
    const truth = isPostgres ? 'true' : "b'1'";
    await real.run(
      `INSERT INTO ${table} VALUES (9007199254740993, 'Été à l’œuvre', '${CLAIRE}', NULL, ${truth}, 12.5, '2026-12-01', '2026-11-27 09:00:00', ${zoned})`,
    );
    const never = isPostgres ? "'infinity', 'infinity', 'infinity'" : "'0000-00-00', '0000-00-00', '0000-00-00'";
    await real.run(`INSERT INTO ${table} VALUES (9007199254740992, 'Sans date', '${CLAIRE}', '', NULL, 0, ${never})`);
    await real.run(`GRANT SELECT ON ${table} TO ${real.user}`);
    const columns = { id: 'CLE', title: '{Titre}|{vide}|{vrai}|{prix}', agent: { mail: 'mail' } };
    const read = async (due: string) =>
      (await itemsOf(seenBy({ view: table, columns: { ...columns, due } }))).items.sort((a, b) => (a.key < b.key ? 1 : -1));
    const [first, second] = await read('jour');
    expect(first).toMatchObject({ key: '9007199254740993', title: 'Été à l’œuvre||1|12.5000', dueAt: '2026-12-01' });
    expect(second).toMatchObject({ key: '9007199254740992', title: 'Sans date|||0.0000' });
    expect(second).not.toHaveProperty('dueAt');
    expect((await read('mur'))[0]).toMatchObject({ dueAt: '2026-11-27T08:00:00.000Z' });
    expect((await read('zone'))[0]).toMatchObject({ dueAt: '2026-03-29T01:30:00.123456Z' });
    expect((await read('mur'))[1]).not.toHaveProperty('dueAt');
    await bed.stop();
  });

  it('gives letters in whatever encoding the base is, and loses letters alone where it knows none', async () => {
    await open();
    if (!isPostgres) {
      // latin1 is among the columns above. Tools keep texts in columns without letters of their own too, in UTF-8 or, long ago, not.
      await real.run(`CREATE TABLE ${real.schema}.brut (cle int, texte varbinary(40))`);
      await real.run(`INSERT INTO ${real.schema}.brut VALUES (1, CAST('Été à l’œuvre' AS BINARY)), (2, X'C974E9')`);
      await real.run(`GRANT SELECT ON ${real.schema}.brut TO ${real.user}`);
      const columns = { id: 'cle', title: 'texte', agent: { group: 'cle' } };
      const { items } = await itemsOf(seenBy({ view: `${real.schema}.brut`, columns }));
      expect(items.map(({ title }) => title)).toEqual(['Été à l’œuvre', 'Été']);
      return bed.stop();
    }
    const socket = 'path' in server.at ? dirname(server.at.path) : '';
    for (const [encoding, title] of [
      ['LATIN1', 'Été'],
      ['SQL_ASCII', '\ufffdt\ufffd'],
    ]) {
      const database = String(encoding).toLowerCase();
      await real.run(`CREATE DATABASE ${database} ENCODING '${encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`);
      const client = new pg.Client({ host: socket, user: 'postgres', database });
      await client.connect();
      await client.query('CREATE TABLE demande (numero text, objet text, mail text)');
      const letters = encoding === 'LATIN1' ? "'Été'" : String.raw`E'\xc9t\xe9'`;
      await client.query(`INSERT INTO demande VALUES ('1', ${letters}, '${CLAIRE}')`);
      await client.query(`GRANT SELECT ON demande TO ${real.user}`);
      await client.end();
      const columns = { id: 'NUMERO', title: 'objet', agent: { mail: 'mail' } };
      const base = String(real.config['server']).replace(/[^/]+$/, database);
      expect((await itemsOf(seenBy({ server: base, view: 'Demande', columns }))).items).toMatchObject([{ key: '1', title }]);
    }
    return bed.stop();
  });

  it('gives what changed once, and also a row that is committed late or of a clock that runs ahead', async () => {
    await open();
    const changes = (): BotBed => seenBy({ whole: false, overlap: 60 });
    const put = (key: string, at: string) =>
      real.run(`INSERT INTO ${real.table} VALUES ('${key}', 'Objet', '${CLAIRE}', 1, NULL, 'A_VALIDER', ${at})`);
    const ago = (seconds: number) => `CURRENT_TIMESTAMP(3) - INTERVAL '${seconds}' SECOND`;
    await put('ancien', ago(7200));
    await put('recent', ago(100));
    const first = await itemsOf(changes());
    expect([first.items.map(({ key }) => key), first.complete]).toEqual([['ancien', 'recent'], false]);
    // Its transaction began before the one that was seen, and ended after it.
    await put('tardif', ago(130));
    await put('demain', ago(-86_400));
    const second = await itemsOf(changes(), first.cursor);
    expect(second.items.map(({ key }) => key)).toEqual(['tardif', 'recent', 'demain']);
    await put('nouveau', ago(1));
    const third = await itemsOf(changes(), second.cursor);
    expect(third.items.map(({ key }) => key)).toEqual(['nouveau', 'demain']);
    await real.run(`UPDATE ${real.table} SET etat = 'VALIDE', modifie_le = CURRENT_TIMESTAMP(3) WHERE numero = 'recent'`);
    const fourth = await itemsOf(changes(), third.cursor);
    expect(fourth.items.filter(({ state }) => state === 'done').map(({ key }) => key)).toEqual(['recent']);
    // A declaration of other columns begins anew.
    expect((await itemsOf(seenBy({ whole: false, columns: { ...COLUMNS, id: ['numero', 'etat'] } }), fourth.cursor)).items.length).toBe(5);
    await bed.stop();
  });

  it('gives many changes look after look, those of one moment too, each object with all its rows', async () => {
    await open();
    await real.run(`CREATE TABLE ${real.schema}.nombre (cle varchar(20), mail varchar(100), rev bigint)`);
    const rows = Array.from({ length: OBJECTS }, (_, n) => [`K${n}`, 9007199254740993n + BigInt(n > 2000 ? 1 : 0)] as const).flatMap(
      ([key, revision]) => [CLAIRE, MARC].map((mail) => `('${key}', '${mail}', ${revision})`),
    );
    await real.run(`INSERT INTO ${real.schema}.nombre VALUES ${rows.join(', ')}`);
    await real.run(`GRANT SELECT ON ${real.schema}.nombre TO ${real.user}`);
    const columns = { id: 'cle', revision: 'rev', title: 'cle', agent: { mail: 'mail' } };
    const at = seenBy({ view: `${real.schema}.nombre`, whole: false, overlap: 0, columns });
    const found = new Map<string, number>();
    let [cursor, looks, again]: [unknown, number, boolean] = [undefined, 0, true];
    for (; again; looks += 1) {
      const { items, cursor: next, againMs } = await itemsOf(at, cursor);
      for (const { key, people = [] } of items) found.set(key, people.length);
      [cursor, again] = [next, againMs === 0];
    }
    expect([found.size, new Set(found.values()), looks]).toEqual([OBJECTS, new Set([2]), 2]);
    await bed.stop();
  });

  it('is made by the examples as they stand', async () => {
    await open();
    const text = (file: string) => readFileSync(new URL(`../../bots/sql/examples/${file}`, import.meta.url), 'utf8');
    const view = async (file: string): Promise<void> => {
      const statement = text(file)
        .replace(/^--.*$/gm, '')
        .replaceAll(/CREATE VIEW |(?:FROM|JOIN) /g, (word) => `${word}${real.schema}.`);
      await real.run(statement.trim().replace(/;$/, ''));
    };
    const s = real.schema;
    for (const table of [
      'demande_absence (numero varchar(20), a_valider_avant date, etat varchar(20), modifie_le timestamp)',
      'demande_valideur (numero varchar(20), mail varchar(100))',
      'bon_commande (exercice int, numero int, objet text, fournisseur int, montant_ttc numeric(12,2), valideur int, echeance date, etat varchar(20), modifie_le timestamp)',
      'fournisseur (code int, nom text)',
      'utilisateur (code int, mail text)',
    ])
      await real.run(`CREATE TABLE ${s}.${table}`);
    await real.run(`INSERT INTO ${s}.demande_absence VALUES ('A-1', '2026-12-01', 'EN_ATTENTE', CURRENT_TIMESTAMP)`);
    await real.run(`INSERT INTO ${s}.demande_valideur VALUES ('A-1', '${CLAIRE}'), ('A-1', '${MARC}')`);
    await real.run(`INSERT INTO ${s}.bon_commande VALUES (2026, 412, 'Sel', 1, 1250.5, 1, '2026-12-01', 'A_VALIDER', CURRENT_TIMESTAMP)`);
    await real.run(`INSERT INTO ${s}.fournisseur VALUES (1, 'Salins d’Est')`);
    await real.run(`INSERT INTO ${s}.utilisateur VALUES (1, '${CLAIRE}')`);
    for (const [file, expected] of [
      ['gta', { key: 'A-1', kind: 'absence', people: [{ mail: CLAIRE }, { mail: MARC }] }],
      ['commandes', { key: '2026/412', title: 'Bon de commande 412 : Sel', summary: 'Salins d’Est, 1250.50 €', dueAt: '2026-12-01' }],
    ] as const) {
      await view(`${file}.sql`);
      const { settings } = parse(text(`${file}.yaml`)) as { settings: { view: string } };
      const short = settings.view.split('.').at(-1) ?? '';
      await real.run(`GRANT SELECT ON ${s}.${short} TO ${real.user}`);
      const { server: address, user, password, tls } = real.config;
      const at = seenBy({
        ...settings,
        server: address,
        user,
        password,
        tls,
        view: `${s}.${short}`.toUpperCase().replace(s.toUpperCase(), s),
      });
      expect((await itemsOf(at)).items).toMatchObject([expected]);
    }
    await bed.stop();
  });
});
