import { chmod, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDrop } from '../../../bots/csv/client.ts';
import { Config } from '../../../bots/csv/config.ts';
import { csv } from '../../../bots/csv/index.ts';
import type { Swept } from '../../../bots/bot.ts';
import { makeGuard } from '../../../bots/io-guard.ts';
import { makeIo } from '../../../bots/io.ts';

const HEADER = 'Numéro;Objet;Agent;Échéance;État';
const COLUMNS = {
  id: 'Numéro',
  title: 'Objet',
  agent: { mail: 'Agent' },
  due: 'Échéance',
  link: 'https://gta.example/demande/{Numéro}',
  state: { column: 'État', closed: ['Validée'], cancelled: ['Retirée'], open: ['En attente'] },
};
const row = (id: string, { title = 'Congé', agent = 'claire@ville.example', due = '', state = 'En attente' } = {}) =>
  [id, title, agent, due, state].join(';');

let folder: string;
let now: number;
let lines: string[];
beforeEach(async () => {
  [folder, now, lines] = [await mkdtemp(join(tmpdir(), 'csv-test-')), Date.now(), []];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (name: string, rows: readonly string[], header = HEADER) => writeFile(join(folder, name), [header, ...rows, ''].join('\r\n'));

type Read = Swept & {
  keys: string[];
  reasons: string[];
  refusedKeys: (string | undefined)[];
  items: ReturnType<typeof csv.normalise>['items'];
};

async function look(settings: object, cursor?: unknown): Promise<Read> {
  const config = Config.parse({ folder, renamed: true, columns: COLUMNS, ...settings });
  const write = (fields: object, text: string) => void lines.push(JSON.stringify({ ...fields, text }));
  const log = { debug: write, info: write, warn: write };
  const guard = makeGuard({ privateNetworks: [] });
  const io = makeIo({ origins: [pathToFileURL(config.folder ?? '').href], guard, log, requestId: 'essai' });
  const openKeys = () => Promise.resolve([]);
  const swept = await readDrop({ config, io, log, clock: () => now, requestId: 'essai', timeZone: 'Europe/Paris', openKeys }, cursor);
  await guard.close();
  const read = swept.payloads.map((payload) => csv.normalise(payload, { baseUrl: '', timeZone: 'Europe/Paris', config }));
  const [items, rejected] = [read.flatMap((one) => one.items), read.flatMap((one) => one.rejected)];
  const keys = items.map(({ key, state }) => (state === 'todo' ? key : `${key} ${String(state)}`)).sort();
  return { ...swept, items, keys, reasons: rejected.map(({ reason }) => reason), refusedKeys: rejected.map(({ key }) => key) };
}

describe('the declaration of a drop', () => {
  it('names files and no folders: none would ever be found', () => {
    for (const files of ['gta/*.csv', String.raw`gta\*.csv`])
      expect(() => Config.parse({ folder: '/depots', files, columns: COLUMNS })).toThrow('sans dossier');
  });
});

describe('a file that is dropped', () => {
  it('is read once, and again when another takes its place', async () => {
    await put('a.csv', [row('1')]);
    const first = await look({});
    expect(first.keys).toEqual(['1']);
    expect((await look({}, first.cursor)).payloads).toEqual([]);
    await put('a.csv.part', [row('1'), row('2')]);
    await rename(join(folder, 'a.csv.part'), join(folder, 'a.csv'));
    expect((await look({}, first.cursor)).keys).toEqual(['1', '2']);
  });

  it('that is still being written is never read in halves', async () => {
    await put('a.csv', [row('1')]);
    const first = await look({ renamed: false });
    expect(first).toMatchObject({ payloads: [], complete: false, againMs: 5000 });
    now += 5000;
    await put('a.csv', [row('1'), row('2')]);
    const second = await look({ renamed: false }, first.cursor);
    expect(second.payloads).toEqual([]);
    now += 1000;
    const soon = await look({ renamed: false }, second.cursor);
    expect(soon.payloads).toEqual([]);
    now += 4000;
    const third = await look({ renamed: false }, soon.cursor);
    expect(third.keys).toEqual(['1', '2']);
    expect(third.againMs).toBeUndefined();
  });

  it('under a name of something unfinished, or that the declaration does not name, is left alone; so is a link', async () => {
    for (const name of ['a.csv.part', '.a.csv', '~a.csv', 'a.csv.tmp', 'a.txt']) await put(name, [row('1')]);
    await symlink('/etc/hostname', join(folder, 'b.csv'));
    expect((await look({})).payloads).toEqual([]);
    await put('GTA-2026.CSV', [row('2')]);
    expect((await look({ files: 'gta-*.csv' })).keys).toEqual(['2']);
  });

  it('has the name that a pattern says, however the accents of either are written', async () => {
    await put('Congés e\u0301te\u0301.csv', [row('1')]);
    await utimes(join(folder, 'Congés e\u0301te\u0301.csv'), 1000, 1000);
    await put('congés été 2.csv', [row('2')]);
    for (const files of ['congés été*.csv', 'conge\u0301s e\u0301te\u0301*.csv']) expect((await look({ files })).keys).toEqual(['1', '2']);
  });

  it('is one of a backlog that is read a hundred at a look, the oldest first, at once one look after the other', async () => {
    for (let n = 0; n < 250; n += 1) {
      await put(`${n}.csv`, [row(`D-${n}`)]);
      await utimes(join(folder, `${n}.csv`), 1000 + n, 1000 + n);
    }
    const first = await look({});
    expect(first).toMatchObject({ againMs: 0 });
    expect(first.keys.toSorted()).toEqual(Array.from({ length: 100 }, (_, n) => `D-${n}`).toSorted());
    const second = await look({}, first.cursor);
    const third = await look({}, second.cursor);
    expect(third.againMs).toBeUndefined();
    expect(new Set([first, second, third].flatMap(({ keys }) => keys)).size).toBe(250);
    expect((await look({}, third.cursor)).payloads).toEqual([]);
  });

  it('that cannot be used, in a backlog, keeps no later ones from being read', async () => {
    for (let n = 0; n < 150; n += 1) {
      await put(`${n}.csv`, [row(`D-${n}`)], n === 3 ? 'Autre;chose' : HEADER);
      await utimes(join(folder, `${n}.csv`), 1000 + n, 1000 + n);
    }
    const first = await look({});
    expect(first).toMatchObject({ againMs: 0, reasons: [expect.stringContaining('3.csv')] });
    expect(first.fault).toBeUndefined(); // with one the framework keeps the cursor that was
    expect((await look({}, first.cursor)).keys).toHaveLength(50);
  });

  it('that is too large to be read costs itself alone', async () => {
    await put('a.csv', [row('1')]);
    await writeFile(join(folder, 'b.csv'), '');
    await truncate(join(folder, 'b.csv'), 50_000_001);
    await put('c.csv', [row('3')]);
    const read = await look({});
    expect(read).toMatchObject({ keys: ['1', '3'], complete: false, reasons: [expect.stringMatching(/^b\.csv.*lu/)] });
    expect(read.fault).toMatchObject({ code: 'invalid' });
  });

  it('leaves the folder as it is, and nothing of it in the log', async () => {
    await put('a.csv', [row('1', { title: 'Congé très particulier' })]);
    await chmod(folder, 0o555);
    expect((await look({})).keys).toEqual(['1']);
    await chmod(folder, 0o755);
    expect(lines.join()).toContain('requestId');
    expect(lines.join()).not.toMatch(/particulier|claire/);
  });

  it('that goes before it could be read is looked for again, and no fault of the configuration', async () => {
    await put('a.csv', [row('1')]);
    const guard = makeGuard({ privateNetworks: [] });
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
    const io = makeIo({ origins: [pathToFileURL(folder).href], guard, log, requestId: 'essai' });
    const read = io.folder(async (of) => {
      const [file] = await of.list();
      await rm(join(folder, 'a.csv'));
      return file && of.read(file);
    });
    await expect(read).rejects.toMatchObject({ code: 'unavailable' });
    await guard.close();
  });

  it('into a folder that is not there is a fault of the configuration', async () => {
    await expect(look({ folder: '/nulle/part' })).rejects.toMatchObject({ code: 'config' });
  });
});

describe('a whole list', () => {
  it('is complete, and only the newest counts', async () => {
    await put('b.csv', [row('1')]);
    await utimes(join(folder, 'b.csv'), 1000, 1000);
    await put('a.csv', [row('2')]);
    expect(await look({ whole: true })).toMatchObject({ keys: ['2'], complete: true });
  });

  it('without a row is complete; without a header, or without any file, it proves nothing', async () => {
    expect(await look({ whole: true })).toMatchObject({ payloads: [], complete: false });
    await put('a.csv', []);
    expect(await look({ whole: true })).toMatchObject({ payloads: [], complete: true });
    expect(await look({ whole: false })).toMatchObject({ payloads: [], complete: false });
    await writeFile(join(folder, 'a.csv'), '');
    const empty = await look({ whole: true });
    expect(empty).toMatchObject({ complete: false, reasons: ['a.csv\u00a0: fichier vide, sans ligne d’en-tête'] });
    expect(empty.fault).toMatchObject({ code: 'invalid' });
  });

  it('of the future stands in the way of later ones: that is said, not passed over', async () => {
    const [name, day] = [join(folder, 'b.csv'), 86_400];
    await put('b.csv', [row('1')]);
    await utimes(name, now / 1000 + 2 * day, now / 1000 + 2 * day);
    const first = await look({ whole: true });
    expect(first.keys).toEqual(['1']);
    await put('c.csv', [row('2')]);
    await utimes(join(folder, 'c.csv'), now / 1000, now / 1000);
    await expect(look({ whole: true }, first.cursor)).rejects.toMatchObject({ code: 'invalid' });
    await utimes(name, now / 1000 - day, now / 1000 - day);
    expect((await look({ whole: true }, first.cursor)).keys).toEqual(['2']);
  });

  it('of the same moment as another is the one with the greater number', async () => {
    for (const n of [2, 10, 9]) {
      await put(`liste_${n}.csv`, [row(String(n))]);
      await utimes(join(folder, `liste_${n}.csv`), 1000, 1000);
    }
    expect(await look({ whole: true })).toMatchObject({ keys: ['10'], complete: true });
  });

  it('with a row that has no identifier any more holds back what is missing', async () => {
    await put('a.csv', [row('1'), row('2,02612E+11'), row('2,02612E+11', { title: 'Autre' })]);
    const read = await look({ whole: true });
    expect(read.keys).toEqual(['1']);
    expect(read.refusedKeys).toEqual([undefined, undefined]);
  });

  it('whose columns were renamed closes nothing and says what is missing', async () => {
    await put('a.csv', [row('1')], HEADER.replace('Échéance', 'Échéances'));
    const read = await look({ whole: true });
    expect(read).toMatchObject({ keys: [], complete: false });
    expect(read.fault).toMatchObject({ code: 'invalid' });
    expect(read.reasons).toEqual([
      'a.csv\u00a0: colonnes absentes de l’en-tête\u00a0: «\u00a0Échéance\u00a0» (renommées en «\u00a0Échéances\u00a0»\u202f?)',
    ]);
  });
});

describe('files that add', () => {
  it('are never complete; of several that name an object the newest counts', async () => {
    await put('1.csv', [row('1'), row('2')]);
    await utimes(join(folder, '1.csv'), 1000, 1000);
    await put('2.csv', [row('1', { state: 'Validée' }), row('3')]);
    expect(await look({})).toMatchObject({ keys: ['1 done', '2', '3'], complete: false });
  });
});

describe('rows', () => {
  it('that are bad are said with file, line and reason, and the good ones go in', async () => {
    await put('a.csv', [
      row('1'),
      row('2', { due: '31/02/2026' }),
      row('', {}),
      row('4', { title: '' }),
      row('5', { agent: '' }),
      row('6', { agent: 'Claire Morel' }),
      row('7', { state: 'Suspendue' }),
      'trop;court',
      row('9', { due: '27/11/2026 14h30' }),
    ]);
    const read = await look({ whole: true });
    expect(read.keys).toEqual(['1', '9']);
    expect(read.complete).toBe(true);
    expect(read.reasons).toEqual([
      'a.csv, ligne 3\u00a0: date impossible «\u00a031/02/2026\u00a0» («\u00a0Échéance\u00a0»)',
      'a.csv, ligne 4\u00a0: identifiant vide',
      'a.csv, ligne 5\u00a0: titre vide',
      'a.csv, ligne 6\u00a0: aucune personne à qui le remettre',
      'a.csv, ligne 7\u00a0: adresse de messagerie illisible',
      'a.csv, ligne 8\u00a0: état inconnu «\u00a0Suspendue\u00a0»',
      'a.csv, ligne 9\u00a0: 2 colonnes au lieu de 5',
    ]);
    // What the row is about is certain but for an empty or broken one.
    expect(read.refusedKeys).toEqual(['2', undefined, '4', '5', '6', '7', undefined]);
    expect(read.items.at(-1)).toEqual({
      key: '9',
      kind: 'ligne',
      title: 'Congé',
      state: 'todo',
      dueAt: '2026-11-27T13:30:00.000Z',
      url: 'https://gta.example/demande/9',
      people: [{ role: 'for', mail: 'claire@ville.example' }],
    });
  });

  it('of one object that differ only in whom they are for are one item; one that says something else is refused', async () => {
    await put('a.csv', [row('1'), row('1', { agent: 'marc@ville.example' }), row('1', { title: 'Autre chose' })]);
    const read = await look({});
    expect(read.items.map(({ people }) => people?.map(({ mail }) => mail))).toEqual([['claire@ville.example', 'marc@ville.example']]);
    expect(read.reasons).toEqual([
      'a.csv, ligne 4\u00a0: l’identifiant «\u00a01\u00a0» est déjà plus haut, dans une ligne qui dit autre chose',
    ]);
  });

  it('have states in any case and with or without accents', async () => {
    await put('a.csv', [row('1', { state: 'VALIDEE' }), row('2', { state: ' retirée ' }), row('3', { state: 'en  attente' })]);
    expect((await look({})).keys).toEqual(['1 done', '2 cancelled', '3']);
  });

  it('of another organisation are not this connection’s business', async () => {
    const columns = { ...COLUMNS, organisation: { column: 'Commune', values: ['Ville-Claire'] } };
    await put('a.csv', [`${row('1')};VILLE-CLAIRE`, `${row('2')};Rivebelle`, `${row('3', { due: 'x' })};Rivebelle`], `${HEADER};Commune`);
    expect(await look({ columns })).toMatchObject({ keys: ['1'], reasons: [] });
  });

  it('of an organisation that is written otherwise by now are its own all the same', async () => {
    const columns = { ...COLUMNS, organisation: { column: 'Commune', values: ['Ville-Claire'] } };
    await put('a.csv', [`${row('1')};VILLE CLAIRE`, `${row('2')};Ville – Claire`, `${row('3')};Ville-Clair`], `${HEADER};Commune`);
    expect((await look({ columns })).keys).toEqual(['1', '2']);
  });

  it('have one identifier however its spaces and accents are written', async () => {
    await put('a.csv', [row('12\u00a0345 é'), row('12 345 e\u0301', { agent: 'marc@ville.example' })]);
    expect((await look({})).items.map(({ key, people }) => [key, people?.length])).toEqual([['12 345 é', 2]]);
  });

  it('are for whom an address book writes with a name, or as a link', async () => {
    const agents = ['Claire Morel <Claire@ville.example>', '"ROCHE, Marc" <marc@ville.example>, mailto:paul@ville.example', 'MOREL Claire'];
    await put('a.csv', [
      row('1', { agent: agents[0] }),
      row('2', { agent: `"${agents[1]?.replaceAll('"', '""') ?? ''}"` }),
      row('3', { agent: agents[2] }),
    ]);
    const read = await look({});
    expect(read.items.map(({ people }) => people?.map(({ mail }) => mail))).toEqual([
      ['claire@ville.example'],
      ['marc@ville.example', 'paul@ville.example'],
    ]);
    expect(read.reasons).toEqual(['a.csv, ligne 4\u00a0: adresse de messagerie illisible']);
  });

  it('for more people than an object has room for are refused, not cut', async () => {
    const agents = Array.from({ length: 51 }, (_, n) => `agent${n}@ville.example`);
    await put('a.csv', [
      row('1', { agent: agents.join(',') }),
      ...agents.map((agent) => row('2', { agent })),
      row('3', { agent: agents.slice(1).join(',') }),
    ]);
    const read = await look({});
    expect(read.items.map(({ key, people }) => [key, people?.length])).toEqual([
      ['2', 50],
      ['3', 50],
    ]);
    expect(read.reasons).toEqual([expect.stringContaining('plus de 50 personnes'), expect.stringContaining('plus de 50 personnes')]);
    expect(read.refusedKeys).toEqual(['1', '2']);
  });

  it('have an identifier of several columns where one is not enough, and a revision where the tool has one', async () => {
    const columns = { ...COLUMNS, id: ['Numéro', 'Agent'], modified: 'Modifiée' };
    await put('a.csv', [`${row('1')};26/11/2026 10:00`], `${HEADER};Modifiée`);
    expect((await look({ columns })).items[0]).toMatchObject({
      key: '1/claire@ville.example',
      revision: Date.parse('2026-11-26T09:00:00Z'),
    });
  });

  it('are ten thousand, and all there', async () => {
    await put(
      'a.csv',
      Array.from({ length: 10_000 }, (_, n) => row(`D-${n}`, { due: '27/11/2026' })),
    );
    const read = await look({ whole: true });
    expect(read).toMatchObject({ complete: true, reasons: [] });
    expect(new Set(read.keys).size).toBe(10_000);
  });
});
