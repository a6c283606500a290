/** Two installations with one registration, by mistake: the one that comes too many refuses, the one that runs says so. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../support/guarded.ts';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople, post, told } from '../support/door.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';
import { freePort } from '../support/trial/ports.ts';

let bed: MatrixBed;
let hands: RelayBed;
let first: AppserviceProcess;

beforeAll(async () => {
  bed = await startMatrixBed('twins');
  hands = new RelayBed(bed);
  first = await startAppservice(bed);
  await first.ready();
  await addPeople(bed, ['ida.loup']);
});

afterEach(() => {
  bed.door.fault = () => undefined;
});

afterAll(async () => {
  await first.stop();
  await hands.stop();
  await bed.stop();
});

/** A configuration with the same registration and listeners of its own; on the bed's store, or on another one. */
async function besides(name: string, { store }: { store?: string } = {}): Promise<string> {
  const config = JSON.parse(await readFile(bed.config.file, 'utf8')) as { appservice: object; store: object };
  Object.assign(config.appservice, { listen: { port: await freePort() }, internal: { port: await freePort() } });
  if (store !== undefined) {
    await bed.postgres.createDatabase(store);
    await writeFile(join(bed.folder, `secrets/${store}`), bed.postgres.url(store), { mode: 0o600 });
    config.store = { url: { file: `secrets/${store}` } };
  }
  const file = join(bed.folder, `${name}.yaml`);
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

const lastLine = async (process: AppserviceProcess): Promise<string> =>
  (await readFile(process.log, 'utf8')).trim().split('\n').at(-1) ?? '';

describe('a second installation, with a store of its own,', () => {
  test('refuses to start: exit code 78 and one sentence; the first one goes on and tells its admins', async () => {
    const second = await startAppservice(bed, { config: await besides('second', { store: 'autre' }) });
    try {
      expect(await second.ended()).toBe('78');
      expect(await lastLine(second)).toMatch(/^À l’adresse http\S+, le serveur Matrix atteint un autre programme/);
    } finally {
      await second.kill();
    }
    expect(await told(hands, 'Une autre installation d’Écritoire')).toHaveLength(1);
    expect((await post(bed, { agent: 'ida.loup', id: 'objet-1', title: 'Objet 1' })).status).toBe(202);
    expect(await hands.messages('ida.loup', 1)).toHaveLength(1);
    expect(first.process.exitCode).toBeNull();
  });

  test('refuses as well when what holds the address is no desk at all', async () => {
    bed.door.fault = ({ path }) => (path.endsWith('/ping') ? { status: 200, body: '{}' } : undefined);
    const second = await startAppservice(bed, { config: await besides('second', { store: 'autre' }) });
    try {
      expect(await second.ended()).toBe('78');
    } finally {
      await second.kill();
    }
  });
});

test('a replica whose pings all reach its sibling starts: they share their store', async () => {
  const process = await startAppservice(bed, { config: await besides('replica') });
  try {
    const serving = async (): Promise<boolean> => (await readFile(process.log, 'utf8')).includes('"msg":"serving"');
    await expect.poll(serving, { timeout: PATIENCE_MS }).toBe(true);
    expect(process.process.exitCode).toBeNull();
  } finally {
    await process.stop();
  }
});

test('one that runs while its address is taken over goes on and tells its admins, once', async () => {
  bed.door.fault = ({ path }) => (path.endsWith('/ping') ? { status: 200, body: '{}' } : undefined);
  expect(await told(hands, 'à notre place')).toHaveLength(1);
  expect((await post(bed, { agent: 'ida.loup', id: 'objet-2', title: 'Objet 2' })).status).toBe(202);
  bed.door.fault = () => undefined;
  expect(await hands.messages('ida.loup', 2)).toHaveLength(2);
  const isBack = async (): Promise<boolean> => (await readFile(first.log, 'utf8')).includes('the homeserver reaches us again');
  await expect.poll(isBack, { timeout: PATIENCE_MS }).toBe(true);
  expect(first.process.exitCode).toBeNull();
});
