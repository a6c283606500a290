/** What `restore` refuses, and what it does when told to replace what is there. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { resealAccounts } from '../../appservice/store/account-keys.ts';
import { readCursors } from '../../appservice/store/cursors.ts';
import { desk } from '../support/desk-command.ts';
import { addPeople } from '../support/door.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { dumpRecord } from '../support/rebuild-bed.ts';

let bed: MatrixBed;
let file: string;
let kept: Record<string, string[]>;

beforeAll(async () => {
  bed = await startMatrixBed('restore');
  await addPeople(bed, ['ida.loup', 'jo.renard']);
  const proven = { organisation: 'ville-claire', mail: 'ida@ailleurs.example', localpart: 'ida.loup' };
  await bed.store.insertInto('record.mails').values(proven).execute();
  file = join(bed.folder, 'record.gz');
  kept = await dumpRecord(bed.store);
  expect(await run('backup', '--out', file)).toMatchObject({ code: 0, errors: '' });
});

/** What happened since the backup. */
beforeEach(async () => {
  await sql`delete from record.memberships where localpart in ('jo.renard', 'kim.cerf')`.execute(bed.store);
  await sql`delete from record.people where localpart in ('jo.renard', 'kim.cerf')`.execute(bed.store);
  await addPeople(bed, ['kim.cerf']);
});

afterAll(() => bed.stop());

const run = (command: string, ...args: string[]) => desk(command, '--config', bed.config.file, ...args);

/** The backup with another head, or cut off; answers its path. */
async function altered(name: string, change: (lines: string[]) => string[]): Promise<string> {
  const lines = gunzipSync(await readFile(file))
    .toString()
    .split('\n');
  const path = join(bed.folder, name);
  await writeFile(path, gzipSync(change(lines).join('\n')));
  return path;
}

const withHead = (name: string, head: object): Promise<string> =>
  altered(name, ([first = '', ...rest]) => [JSON.stringify({ ...(JSON.parse(first) as object), ...head }), ...rest]);

/** The command fails with a sentence that holds these words, and nothing of the record has changed. */
async function expectRefused(path: string, words: string, ...args: string[]): Promise<void> {
  const before = await dumpRecord(bed.store);
  const { code, errors } = await run('restore', '--in', path, ...args);
  expect([code, errors]).toEqual([1, expect.stringContaining(words)]);
  expect(await dumpRecord(bed.store)).toEqual(before);
}

test('over what is there it needs --force, and then replaces all of it', async () => {
  await expectRefused(file, 'Ajoutez --force');
  const restored = await run('restore', '--in', file, '--force');
  expect(restored).toMatchObject({ code: 0, errors: '' });
  expect(restored.out).toContain('remise');
  expect(await dumpRecord(bed.store)).toEqual(kept);
});

test('that of another server is never restored, not with --force either', async () => {
  const other = await withHead('other.gz', { serverName: 'ailleurs.example' });
  await expectRefused(other, 'est celle du serveur «\u00a0ailleurs.example\u00a0»');
  await expectRefused(other, 'rien n’a été changé', '--force');
});

test('that of a newer version, one that is cut off and what is no backup are refused, with --force too', async () => {
  await expectRefused(await withHead('newer.gz', { migration: '9999-later' }), 'version plus récente', '--force');
  await expectRefused(await altered('cut.gz', (lines) => lines.slice(0, -2)), 'incomplet ou abîmé', '--force');
  await writeFile(join(bed.folder, 'text.gz'), 'Bonjour');
  await expectRefused(join(bed.folder, 'text.gz'), 'n’est pas une sauvegarde', '--force');
  await expectRefused(join(bed.folder, 'nowhere.gz'), 'n’est pas une sauvegarde', '--force');
});

test('one made with another key is restored, and says that what is sealed needs that key', async () => {
  const { code, out } = await run('restore', '--in', await withHead('key.gz', { keyCheck: 'ffffffffffffffff' }), '--force');
  expect([code, out]).toEqual([0, expect.stringContaining('une autre clé (recordKey)')]);
});

test('the accounts of a backup are looked at again: they may be sealed with the key before', async () => {
  await resealAccounts(bed.store, bed.config.appservice.accountKeys);
  expect(await readCursors(bed.store, 'accounts-key')).toHaveProperty('size', 1);
  expect(await run('restore', '--in', file, '--force')).toMatchObject({ code: 0 });
  expect(await readCursors(bed.store, 'accounts-key')).toHaveProperty('size', 0);
});
