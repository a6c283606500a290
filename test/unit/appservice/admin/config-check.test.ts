/** `config check` as an operator runs it, with a mail server and an authority of the site's own. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeSecrets } from '#config/make-secrets.ts';
import { makeAuthority } from '../../../contract/certificate.ts';
import { desk } from '../../../support/desk-command.ts';
import { SmtpSink } from '../../../support/smtp.ts';

const PASSWORD = 'le-mot-de-passe-du-serveur';
const authority = makeAuthority();
let folder: string;
let sink: SmtpSink;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-check-'));
  sink = await SmtpSink.start({ user: 'ecritoire', password: PASSWORD, tls: { ...authority.issue('localhost'), secure: false } });
  const example = await readFile('config/ecritoire.example.yaml', 'utf8');
  const [before = '', mail = ''] = example.split(/^(?=mail:)/m);
  const here = mail.replace(/host: .*/, 'host: "localhost"').replace(/# port: 587/, `port: ${String(sink.port)}`);
  await writeFile(join(folder, 'ecritoire.yaml'), before + here);
  await makeSecrets(join(folder, 'ecritoire.yaml'));
  for (const [name, text] of [
    ['proconnect', 'a-client-secret'],
    ['smtp', PASSWORD],
  ] as const)
    await writeFile(join(folder, 'secrets', name), text, { mode: 0o600 });
  await writeFile(join(folder, 'ca.pem'), authority.cert);
  await mkdir(join(folder, 'images'));
  await writeFile(join(folder, 'images', 'ville-claire.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  vi.stubEnv('DATABASE_URL', 'postgresql://x@127.0.0.1/x');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sink.stop();
  await rm(folder, { recursive: true, force: true });
});

const check = () => desk('config', 'check', '--config', join(folder, 'ecritoire.yaml'));

test('the mail server is in order once its authority is known; else that is said, with the code of a fault', async () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', join(folder, 'ca.pem'));
  const good = await check();
  expect(good).toMatchObject({ code: 0, errors: '' });
  expect(good.out).toContain('Aucun message n’a été envoyé.');
  expect(good.out).toContain('ecritoire.yaml\u00a0: en ordre');
  vi.stubEnv('NODE_EXTRA_CA_CERTS', undefined);
  const unknown = await check();
  expect(unknown).toMatchObject({ code: 1, out: '' });
  expect(unknown.errors).toContain('son certificat vient d’une autorité inconnue');
});

test('a password that is refused is said, and is itself nowhere to be read', async () => {
  vi.stubEnv('NODE_EXTRA_CA_CERTS', join(folder, 'ca.pem'));
  await writeFile(join(folder, 'secrets', 'smtp'), 'un-autre-mot', { mode: 0o600 });
  const { code, out, errors } = await check();
  expect(code).toBe(1);
  expect(errors).toContain('il refuse l’identifiant ou le mot de passe');
  expect(out + errors).not.toMatch(/un-autre-mot|le-mot-de-passe-du-serveur/);
});

test('a funder’s picture that is not there is said with its key, beside what the mail server answers', async () => {
  await rm(join(folder, 'images'), { recursive: true });
  const { code, out, errors } = await check();
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(errors).toContain('web.funders[0].image\u00a0: fichier images/ville-claire.svg\u00a0: ce fichier n’existe pas');
  expect(errors).toContain('son certificat vient d’une autorité inconnue');
});
