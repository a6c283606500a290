import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { makeSecrets } from '#config/make-secrets.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-secrets-'));
  file = join(folder, 'ecritoire.yaml');
  await writeFile(file, await readFile('config/ecritoire.example.yaml'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const told = (env: NodeJS.ProcessEnv): Promise<string> =>
  loadConfig(file, { env }).then(
    () => 'in order',
    (error: unknown) => String(error),
  );

it('makes everything the example asks for, but what others give, readable by its owner alone', async () => {
  const made = await makeSecrets(file);
  expect(made).toHaveLength(10);
  for (const name of made) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  const said = await told({});
  expect(said.match(/ligne \d+, colonne \d+, [\w[\]0-9.]+/g)).toHaveLength(3);
  expect(said).toContain('store.url');
  expect(said).toContain('providers[0].clientSecret');
  expect(said).toContain('mail.password');
  await writeFile(join(folder, 'secrets/proconnect'), 'a-client-secret', { mode: 0o600 });
  await writeFile(join(folder, 'secrets/smtp'), 'a-password', { mode: 0o600 });
  expect(await told({ DATABASE_URL: 'postgresql://x@127.0.0.1/x' })).toBe('in order');
});

it('never writes over what is there', async () => {
  await makeSecrets(file);
  const before = await readFile(join(folder, 'secrets/record-key'), 'utf8');
  expect(await makeSecrets(file)).toEqual([]);
  expect(await readFile(join(folder, 'secrets/record-key'), 'utf8')).toBe(before);
});
