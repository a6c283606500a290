import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rejets } from '../../appservice/admin/commands/rejets.ts';
import { countRejected, listRejected } from '../../appservice/store/rejected.ts';
import { csv } from '../../bots/csv/index.ts';
import { twin as csvTwin } from '../../bots/csv/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { ToolsBed } from '../support/tools-bed.ts';

let twin: RunningTwin;
let slow: RunningTwin;
let bed: ToolsBed;
let claire: string;

beforeAll(async () => {
  [twin, slow] = await Promise.all([csvTwin.start(), csvTwin.start()]);
  bed = await ToolsBed.start([
    { id: 'gta', bot: csv, twin },
    { id: 'lente', bot: csv, twin: slow, every: 600 },
  ]);
  claire = await bed.addMember('claire');
  await bed.addMember('marc');
  await bed.poller.start();
});
afterAll(async () => {
  await bed.stop();
  await Promise.all([twin.stop(), slow.stop()]);
});

const drop = async (rows: readonly string[]): Promise<void> => {
  const file = join(String(twin.config['folder']), 'demandes.csv');
  await writeFile(`${file}.part`, rows.join('\r\n'));
  await rename(`${file}.part`, file);
};
const HEADER = 'N° demande;Objet;Mail valideur;À valider avant le;État';
const row = (id: string, due = '27/11/2026') => [id, 'Congé', claire, due, 'En attente'].join(';');
const told = async (): Promise<string[]> =>
  (await bed.store.selectFrom('work.outbox').select('draft').where('address', '=', 'admin:ville-claire').execute()).map(({ draft }) =>
    JSON.stringify(draft),
  );
const aside = async () => bed.store.selectFrom('record.rejected').select('reason').execute();

test('a folder is watched: what is dropped is there long before the next look', async () => {
  await until(async () => (bed.healths.some(([id]) => id === 'lente') ? true : await Promise.resolve(undefined)));
  const key = slow.add(['marc@ville-claire.example']);
  const dropped = async (): Promise<string[] | undefined> => {
    const open = await bed.open('marc');
    if (open.length > 0) return open;
    slow.settle('none'); // dropped once more: it is watched from somewhen after the first look on
    return undefined;
  };
  expect(await until(dropped, { everyMs: 500 })).toEqual([key]);
});

test('what a dropped list names is on the desk, and closed when the next list lacks it', async () => {
  await drop([HEADER, row('1'), row('2')]);
  expect(await bed.shows('claire', ['1', '2'])).toEqual(['1', '2']);
  // Whom it was addressed to by is not what her card says of people.
  const cards = await bed.store.selectFrom('work.placements').select('content').where('agent', '=', 'claire').execute();
  expect(cards.map(({ content }) => content.people)).toEqual([[], []]);
  await drop([HEADER, row('2')]);
  expect(await bed.shows('claire', ['2'])).toEqual(['2']);
});

test('a row that cannot be used is told of once and kept aside; what it is about stays, the rest goes on', async () => {
  await drop([HEADER, row('2', '31/02/2026'), row('3')]);
  expect(await bed.shows('claire', ['2', '3'])).toEqual(['2', '3']);
  await drop([HEADER, row('2', '31/02/2026'), row('4')]);
  expect(await bed.shows('claire', ['2', '4'])).toEqual(['2', '4']);
  expect(JSON.stringify(await aside())).toContain('demandes.csv, ligne 2\u00a0: date impossible');
  expect((await aside()).length).toBe(1);
  const said = await told();
  expect(said.length).toBe(1);
  expect(said[0]).toContain('1\u00a0défaut dans ce qui a été lu');
  expect(said[0]).toContain('demandes.csv, ligne 2');
});

test('a file that cannot be used closes nothing and makes the connection misconfigured, until a good one comes', async () => {
  await drop([HEADER.replace('Objet', 'Motif'), row('4')]);
  expect(await bed.becomes('gta', 'misconfigured')).toBe(true);
  await drop(['']);
  await until(async () => ((await aside()).length === 3 ? true : undefined));
  expect(await bed.open('claire')).toEqual(['2', '4']);
  await drop([HEADER, row('4')]);
  expect(await bed.shows('claire', ['4'])).toEqual(['4']);
  expect(await bed.becomes('gta', 'connected')).toBe(true);
  await drop([HEADER]);
  expect(await bed.shows('claire', [])).toEqual([]);
});

test('what was kept aside is read anew when an admin asks for it; still unusable, it comes back', async () => {
  await drop([HEADER, row('7', '31/02/2026')]);
  const standing = () => countRejected(bed.store, { connections: ['gta'] });
  await until(async () => ((await standing()) > 0 ? true : undefined));
  const connection = bed.tools.find('gta')?.connection;
  const config = {
    organisations: [],
    connections: connection === undefined ? [] : [connection],
    appservice: { recordKey: Buffer.alloc(32, 7) },
  };
  const { ingest, store } = bed;
  const { accept } = ingest;
  const deliverWaiting: typeof ingest.deliverWaiting = (db, person) => ingest.deliverWaiting(db, person);
  const desk = { db: store, store, organisation: undefined, who: 'essai', config, commands: [], accept, deliverWaiting, now: Date.now() };
  const replay = () => rejets.run({ verb: 'rejouer', page: 1, target: 'all' }, { ...desk, probe: () => Promise.resolve([]) });
  await until(async () => ((await aside()).some(({ reason }) => JSON.stringify(reason).includes('ligne 2')) ? true : undefined));
  const { result, text } = await replay();
  expect(result).toBe('done');
  expect(text).toContain('L’outil est relu en entier');
  expect(await until(async () => ((await standing()) === 1 ? true : undefined))).toBe(true);
  expect(JSON.stringify((await listRejected(bed.store, { connections: ['gta'], limit: 5 })).map(({ reason }) => reason))).toContain(
    'date impossible',
  );
});
