import { readFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { twin as webdavTwin } from '../../../../bots/csv/twin-webdav.ts';
import { twin as calendarTwin } from '../../../../bots/ics/twin.ts';
import { twin as databaseTwin } from '../../../../bots/sql/twin.ts';
import type { RunningTwin } from '../../../../bots/twin.ts';
import { desk } from '../../../support/desk-command.ts';
import { openLocal } from '../../../support/trial/local.ts';

const EXAMPLES = fileURLToPath(new URL('../../../../bots/csv/examples/', import.meta.url));

let folder: string;
let file: string;
let calendar: RunningTwin;
let database: RunningTwin;
let cloud: RunningTwin;
/** A complete configuration whose database, homeserver and everything else do not run. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'essayer-'));
  file = (await openLocal(folder, { usualPorts: false })).configFile;
  [calendar, cloud, database] = await Promise.all([calendarTwin.start(), webdavTwin.start(), databaseTwin.start()]);
  const declared = parseDocument(await readFile(`${EXAMPLES}gta.yaml`, 'utf8')).toJS() as { settings: object };
  await writeFile(join(folder, 'secrets', 'calendar'), String(calendar.config['password']), { mode: 0o600 });
  const document = parseDocument(await readFile(file, 'utf8'));
  const drop = { ...declared, settings: { ...declared.settings, folder } };
  document.addIn(['connections'], document.createNode({ ...drop, id: 'gta-essai' }));
  document.addIn(['connections'], document.createNode({ ...drop, id: 'gta-sans-lien', hosts: [] }));
  const nuage = parseDocument(await readFile(`${EXAMPLES}nextcloud.yaml`, 'utf8')).toJS() as { settings: object };
  const { password, ...webdav } = Object(cloud.config['webdav']) as { password: string };
  await writeFile(join(folder, 'secrets', 'cloud'), password, { mode: 0o600 });
  const place = { webdav: { ...webdav, password: { file: 'secrets/cloud' } }, files: 'demandes*.csv' };
  document.addIn(['connections'], document.createNode({ ...nuage, settings: { ...nuage.settings, ...place } }));
  const settings = { ...calendar.config, password: { file: 'secrets/calendar' } };
  const seances = { id: 'seances', bot: 'ics', organisation: 'ville-claire', label: 'Séances', settings };
  document.addIn(['connections'], document.createNode(seances));
  await writeFile(join(folder, 'secrets', 'database'), String(database.config['password']), { mode: 0o600 });
  const view = { ...database.config, password: { file: 'secrets/database' } };
  document.addIn(['connections'], document.createNode({ ...seances, id: 'vue', bot: 'sql', label: 'Vue', settings: view }));
  const lacking = { ...view, view: 'ecritoire.commandes' };
  document.addIn(['connections'], document.createNode({ ...seances, id: 'vue-absente', bot: 'sql', settings: lacking }));
  document.addIn(
    ['connections'],
    document.createNode({ ...seances, id: 'parapheur-essai', bot: 'iparapheur', settings: { baseUrl: 'https://p.example' } }),
  );
  await writeFile(file, document.toString(), { mode: 0o600 });
});
afterAll(async () => {
  await Promise.all([calendar.stop(), cloud.stop(), database.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const run = async (...args: string[]) => {
  const { code, out, errors } = await desk('essayer', ...args, '--config', file);
  return { code, out: out.replaceAll(/[\u00a0\u202f]/g, ' '), errors: errors.replaceAll(/[\u00a0\u202f]/g, ' ') };
};

describe('essayer', () => {
  it('shows the cards that a given file makes, with agent, deadline and link, and the refused rows with their reasons', async () => {
    const { code, out } = await run('gta-essai', '--fichier', `${EXAMPLES}gta.csv`);
    expect(code).toBe(0);
    expect(out).toMatch(/^« Congés et absences » \(gta-essai, robot csv\), essai .*: rien n’est écrit ni envoyé\.$/m);
    expect(out).toContain('2 cartes :');
    expect(out).toContain('1. Une demande d’absence attend votre décision');
    expect(out).toContain('   pour claire.morel@ville-claire.example');
    expect(out).toMatch(/ {3}échéance .*1er décembre/);
    expect(out).toContain('   lien https://gta.ville-claire.example/demandes/2026-0412');
    expect(out).toContain('Terminé dans l’outil : 2026-0398.');
    expect(out).toContain('2 refus :');
    expect(out).toContain('– gta.csv, ligne 6 : date impossible « 31/02/2027 » (« À valider avant le »)');
    expect(out).toContain('– gta.csv, ligne 7 : adresse de messagerie illisible');
    // Of HR nothing but the neutral sentence, here too.
    expect(out).not.toMatch(/MOREL|Congé annuel/);
  });

  it('says of a link that it would be left out, and why', async () => {
    const { out } = await run('gta-sans-lien', '--fichier', `${EXAMPLES}gta.csv`);
    expect(out).toContain('lien laissé de côté, son hôte n’est pas dans « hosts » : https://gta.ville-claire.example/demandes/2026-0412');
  });

  it('looks into a folder of a Nextcloud as its ready-made declaration says', async () => {
    cloud.add(['claire.morel@ville-claire.example']);
    const { code, out } = await run('gta-nuage');
    expect(code).toBe(0);
    expect(out).toContain('1 carte :');
    expect(out).toContain('   lien https://gta.ville-claire.example/demandes/D-1');
    cloud.revoke();
    const refused = await run('gta-nuage');
    expect(refused.code).not.toBe(0);
    expect(refused.errors).toMatch(/\p{L}{4}/u);
    cloud.restore?.();
  });

  it('looks at the tool itself, once, without a database', async () => {
    const before = calendar.calls.length;
    for (let n = 0; n < 23; n += 1) calendar.add([], `Séance ${n}`);
    const { code, out } = await run('seances');
    expect(code).toBe(0);
    expect(out).toContain('23 cartes :');
    expect(out).toContain('… et 3 autres (--tout les montre)');
    expect(out).not.toContain('Séance 22');
    expect((await run('seances', '--tout')).out).toContain('Séance 22');
    expect(out).toContain('La lecture est entière : ce qui est sur les bureaux et n’y est plus serait clos.');
    expect(calendar.calls.length).toBe(before + 2);
  });

  it('looks at a view, and says what keeps it from being read', async () => {
    database.add(['claire.morel@ville-claire.example'], 'Sel de déneigement');
    const { code, out } = await run('vue');
    expect(code).toBe(0);
    expect(out).toContain('1 carte :');
    expect(out).toContain('1. Sel de déneigement (BC-1)');
    expect(out).toContain('La lecture est entière');
    const absent = await run('vue-absente');
    expect(absent.code).toBe(1);
    expect(absent.out).toContain('la vue « ecritoire.commandes » n’est pas là, ou ce compte ne la voit pas');
    expect(absent.errors).toContain('La connexion ne va pas : la configuration est à revoir');
    database.revoke();
    const refused = await run('vue');
    expect(refused.errors).toContain(
      'La connexion ne va pas : l’outil refuse les identifiants (SQL: the credentials are refused (28P01)).',
    );
    expect(`${refused.out}${refused.errors}`).not.toContain('mot-de-passe');
  });

  it('reads what is in the folder, and says what keeps a file from being read', async () => {
    await writeFile(join(folder, 'absences.csv.part'), await readFile(`${EXAMPLES}gta.csv`));
    await rename(join(folder, 'absences.csv.part'), join(folder, 'absences.csv'));
    expect((await run('gta-essai')).out).toContain('2 cartes :');
    await writeFile(join(folder, 'absences.csv'), 'Numéro;État\n1;En attente\n');
    const { code, out, errors } = await run('gta-essai');
    expect(code).toBe(1);
    expect(out).toContain('absences.csv : colonnes absentes de l’en-tête');
    expect(errors).toContain('La connexion ne va pas : ce qui a été lu n’est pas utilisable');
  });

  it.each([
    [[], 'Indiquez la connexion'],
    [['gta-essai', 'encore'], 'Je n’ai pas compris la suite'],
    [['nulle-part'], 'Pas de telle connexion ici. Celles qui s’essaient : '],
    [['nulle-part'], ', gta-essai, gta-sans-lien, gta-nuage, seances, vue, vue-absente et parapheur-essai.'],
    [['gta-essai', '--fichier', '/nulle/part.csv'], 'Le fichier « /nulle/part.csv » ne peut pas être lu.'],
    [['parapheur-essai'], 'Ce robot a un compte par personne : indiquez --agent ADRESSE.'],
  ])('%j is answered by a sentence', async (args, sentence) => {
    const { code, errors } = await run(...args);
    expect(code).toBe(1);
    expect(errors).toContain(sentence);
  });

  it('says what a tool refuses', async () => {
    calendar.revoke();
    const { code, errors } = await run('seances');
    expect(code).toBe(1);
    expect(errors).toContain('La connexion ne va pas : l’outil refuse les identifiants (GET /instances.ics: 401).');
  });
});
