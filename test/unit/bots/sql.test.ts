import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { DeskError } from '../../../appservice/desk/errors.ts';
import { ADMIN } from '../../../appservice/desk/words.ts';
import { wordFor } from '../../../appservice/poll/pace.ts';
import { makeGuard } from '../../../bots/io-guard.ts';
import { sqlError } from '../../../bots/io-sql-status.ts';
import { selectText } from '../../../bots/io-sql-text.ts';
import { Config } from '../../../bots/sql/config.ts';
import { sql } from '../../../bots/sql/index.ts';
import { twin } from '../../../bots/sql/twin.ts';
import { BotBed, CLAIRE } from '../../contract/bed.ts';

const serverError = (fields: object): Error => Object.assign(new Error('invalid input syntax for type integer: "MOREL Claire"'), fields);

describe('what a database says', () => {
  it.each([
    [{ code: '28P01', severity: 'FATAL' }, 'auth', 'bad_credentials'],
    [{ errno: 1045, code: 'ER_ACCESS_DENIED_ERROR', sqlState: '28000' }, 'auth', 'bad_credentials'],
    [{ code: '3D000' }, 'config', 'misconfigured'],
    [{ errno: 1049, sqlState: '42000' }, 'config', 'misconfigured'],
    [{ code: '42P01' }, 'config', 'misconfigured'],
    [{ errno: 1146, sqlState: '42S02' }, 'config', 'misconfigured'],
    [{ code: '42703' }, 'config', 'misconfigured'],
    [{ code: '42501' }, 'denied', 'bad_credentials'],
    [{ errno: 1142, sqlState: '42000' }, 'denied', 'bad_credentials'],
    [{ code: '53300' }, 'unavailable', 'retrying'],
    [{ errno: 1040 }, 'unavailable', 'retrying'],
    [{ code: '57014' }, 'unavailable', 'retrying'],
    [{ errno: 1969, sqlState: '70100' }, 'unavailable', 'retrying'],
    [{ code: '57P01' }, 'unavailable', 'retrying'],
    [{ code: '22P02' }, 'invalid', 'misconfigured'],
    [{ code: 'ECONNREFUSED', errno: -111 }, 'unavailable', 'retrying'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'config', 'misconfigured'],
    [{ code: 'HANDSHAKE_NO_SSL_SUPPORT' }, 'config', 'misconfigured'],
  ] as const)('%j', (fields, code, word) => {
    const error = sqlError(serverError(fields));
    expect([error.code, wordFor(error, { isOwn: false })]).toEqual([code, word]);
    expect(ADMIN.health({ label: 'GTA', connection: 'gta', word })).toMatch(/\.$/);
    expect(error.message).not.toContain('MOREL');
  });

  it('about a row is told by its number alone, nowhere in its causes either', () => {
    const error = sqlError(serverError({ code: '22P02' }));
    expect([error.message, error.cause]).toEqual(['SQL: the view cannot be computed (22P02)', undefined]);
  });
});

describe('the one query there is', () => {
  const dialect = {
    quote: (name: string) => `"${name.replaceAll('"', '""')}"`,
    sign: (place: number) => `$${place}`,
    written: (value: string) => value,
  };
  const table = { schema: 'a"b', name: 'vue; drop table x', columns: [] };

  it('quotes what names hold, and never writes a value', () => {
    const { text, values } = selectText(
      { table, columns: ['é"'], order: ['r', 'k'], from: { values: ["1' or 1=1", 'x'] }, most: 5 },
      dialect,
    );
    expect(text).toBe(
      'SELECT "é""" FROM "a""b"."vue; drop table x" WHERE "r" >= $1 AND ("r" > $2 OR ("r" = $3 AND ("k" >= $4))) ORDER BY "r", "k" LIMIT 5',
    );
    expect(values).toEqual(["1' or 1=1", "1' or 1=1", "1' or 1=1", 'x']);
  });
});

describe('a declaration', () => {
  const settings = {
    server: 'postgresql://bdd.example/gta',
    user: 'u',
    password: 'p',
    view: 'v',
    columns: { id: 'a', title: 'b', agent: { mail: 'c' } },
  };
  const faults = (of: object) => Config.safeParse({ ...settings, ...of }).error?.issues.map(({ path }) => path.join('.')) ?? [];

  it('says by which column changes are read, unless the view is whole', () => {
    expect(faults({})).toEqual(['columns.revision']);
    expect(faults({ whole: true })).toEqual([]);
    expect(Config.parse({ ...settings, whole: true })).toMatchObject({ tls: true, overlap: 900 });
  });

  it('holds no password in the address, no query, and no more than a schema and a view', () => {
    for (const server of [
      'postgresql://u:p@bdd.example/gta',
      'postgresql://bdd.example/gta?sslmode=disable',
      'postgresql://bdd.example',
      'oracle://bdd.example/gta',
      'https://bdd.example/gta',
    ])
      expect(faults({ whole: true, server })).toEqual(['server']);
    expect(faults({ whole: true, view: 'a.b.c' })).toEqual(['view']);
    expect(faults({ whole: true, timeZone: 'Paris' })).toEqual(['timeZone']);
  });
});

describe('a view beside its twin', () => {
  const beside = async (check: (bed: BotBed, seenBy: (settings: object) => BotBed) => Promise<void>): Promise<void> => {
    const bed = await BotBed.start(sql, twin);
    try {
      await check(bed, (settings) => bed.as({ config: Config.parse({ ...bed.twin.config, ...settings }) }));
    } finally {
      await bed.stop();
    }
  };
  const faultOf = (bed: BotBed): Promise<unknown> => Promise.resolve(bed.bot.check(bed.ctx())).catch((error: unknown) => error);

  it('that is not there, or lacks a column, is said with its name, and closes nothing', () =>
    beside(async (bed, seenBy) => {
      bed.twin.add([CLAIRE]);
      const gone = seenBy({ view: 'ecritoire.absente' });
      expect(await gone.sweep()).toMatchObject({ keys: [], closed: [], complete: false });
      expect(await faultOf(gone)).toMatchObject({ code: 'config', message: expect.stringContaining('absente') as string });
      const columns = { ...(bed.twin.config['columns'] as object), due: 'echeances' };
      expect(await faultOf(seenBy({ columns }))).toMatchObject({ code: 'config', message: expect.stringContaining('echeances') as string });
    }));

  it('of a server that does not encrypt gets no password when encryption is asked for', () =>
    beside(async (bed, seenBy) => {
      expect(await faultOf(seenBy({ tls: true }))).toMatchObject({ code: 'config', message: 'SQL: the server does not encrypt' });
      expect(bed.twin.calls).toEqual([]);
    }));

  it('of a server that speaks otherwise, or says nothing, is unavailable and nothing else', async () => {
    for (const hello of ['HTTP/1.1 400 Bad Request\r\n\r\n', '', 'N', '\u0000'.repeat(2000)]) {
      const server = createServer((socket) => socket.on('error', () => undefined).write(hello));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      await beside(async (_, seenBy) => {
        for (const scheme of ['postgresql', 'mariadb']) {
          const at = seenBy({ server: `${scheme}://${address}/x` });
          at.fail({ kind: 'slow', ms: 0 }); // with little patience
          const fault = await faultOf(at);
          expect(fault).toBeInstanceOf(DeskError);
          expect(['unavailable', 'config', 'invalid']).toContain((fault as DeskError).code);
        }
      });
      server.close();
    }
  });

  it('in a private network is asked nothing unless the configuration lists it', () =>
    beside(async (bed) => {
      const guard = makeGuard({ privateNetworks: [] });
      expect(await faultOf(bed.as({ guard }))).toMatchObject({
        code: 'config',
        message: expect.stringContaining('privateNetworks') as string,
      });
      expect(bed.twin.calls).toEqual([]);
      await guard.close();
    }));
});
