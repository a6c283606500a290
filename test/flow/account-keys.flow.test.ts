/** A change of keys: what the key before sealed is read, sealed anew, and never lost when a key is missing. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { LostKey, resealAccounts } from '../../appservice/store/account-keys.ts';
import { accountsOf, keepAccount, openAccount } from '../../appservice/store/accounts.ts';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { desk } from '../support/desk-command.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { openLocal } from '../support/trial/local.ts';

const MAIN = fileURLToPath(new URL('../../appservice/main.ts', import.meta.url));
const [first, second, other] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const ID = { connection: 'nuage', localpart: 'claire' };

let folder: string;
let postgres: Postgres;
let store: Store;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-cles-'));
  postgres = await startPostgres({ folder: join(folder, 'base'), databases: ['ecritoire'] });
  ({ store } = openStore(postgres.url('ecritoire')));
  await migrate(store);
  await store.insertInto('record.people').values({ localpart: 'claire', name: 'Claire' }).execute();
  await keepAccount(store, [first], ID, { appPassword: 'sous la première clé' }, 'claire');
  file = (await openLocal(join(folder, 'essai'), { usualPorts: false })).configFile;
  await writeFile(join(folder, 'essai/secrets/store-url'), postgres.url('ecritoire'), { mode: 0o600 });
  const document = parseDocument(await readFile(file, 'utf8'));
  document.setIn(['appservice', 'accountKeys'], { env: 'ECRITOIRE_ACCOUNT_KEYS' });
  await writeFile(file, document.toString(), { mode: 0o600 });
});
afterAll(async () => {
  await store.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const read = (keys: readonly Buffer[]) => openAccount(store, keys, ID);
const inText = (...keys: Buffer[]): string => keys.map((key) => key.toString('base64')).join(' ');

async function reseal(...keys: Buffer[]): Promise<{ code: number | null; out: string; errors: string }> {
  process.env['ECRITOIRE_ACCOUNT_KEYS'] = inText(...keys);
  try {
    const said = await desk('resceller', '--config', file);
    const plain = (words: string): string => words.replaceAll(/[\u00a0\u202f]/g, ' ');
    return { code: said.code, out: plain(said.out), errors: plain(said.errors) };
  } finally {
    delete process.env['ECRITOIRE_ACCOUNT_KEYS'];
  }
}

describe('a key that is changed', () => {
  test('still opens what it sealed, as an older one', async () => {
    expect(await read([second, first])).toEqual({ appPassword: 'sous la première clé' });
  });

  test('missing altogether, loses nothing: the account is in pause, and the command says how many', async () => {
    await expect(read([second])).rejects.toBeInstanceOf(LostKey);
    expect(await accountsOf(store, [second], 'claire')).toMatchObject([{ state: 'active', isLost: true }]);
    expect(await resealAccounts(store, [other])).toEqual({ resealed: 0, lost: 1 });
    const said = await reseal(second);
    expect(said.code).toBe(1);
    expect(said.errors).toContain('1 compte ne s’ouvre avec aucune des clés données : il manque celle qui les a scellés.');
    expect(await read([first])).toEqual({ appPassword: 'sous la première clé' });
  });

  test('can go once all is sealed with the next one', async () => {
    const said = await reseal(second, first);
    expect(said.out).toContain('1 compte scellé avec la clé actuelle.');
    expect(said.out).toContain('Les clés précédentes ne servent plus');
    expect(said.out + said.errors).not.toContain(second.toString('base64').slice(0, 12));
    expect(await read([second])).toEqual({ appPassword: 'sous la première clé' });
    await expect(read([first])).rejects.toBeInstanceOf(LostKey);
    expect((await reseal(second)).out).toContain('Rien à sceller de nouveau.');
  });

  test('is sealed anew by a start as well', async () => {
    expect(await resealAccounts(store, [other, second])).toEqual({ resealed: 1, lost: 0 });
    expect(await read([other])).toEqual({ appPassword: 'sous la première clé' });
  });
});

test('without its variable the appservice says so in one sentence and ends with 78', async () => {
  const child = spawn(process.execPath, [MAIN, '--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [errors] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(child.exitCode).toBe(78);
  expect(errors).toContain('appservice.accountKeys\u00a0: variable ECRITOIRE_ACCOUNT_KEYS\u00a0: cette variable n’est pas définie');
});
