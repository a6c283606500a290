/** A trial in which agents have accounts of their own: a Nextcloud and an i-Parapheur, both twins of the test's. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { type ParapheurTwin, twin as parapheurTwin } from '../../bots/iparapheur/twin.ts';
import { type CloudTwin, twin as cloudTwin } from '../../bots/nextcloud/twin.ts';
import { type Started, startTrial } from './started.ts';
import { openLocal } from './trial/local.ts';

export type OwnTools = { trial: Started; cloud: CloudTwin; parapheur: ParapheurTwin; stop: () => Promise<void> };

export async function startOwnTools(): Promise<OwnTools> {
  const folder = await mkdtemp(join(tmpdir(), 'ecritoire-outils-'));
  const [cloud, parapheur] = await Promise.all([cloudTwin.start(), parapheurTwin.start()]);
  const { configFile } = await openLocal(folder, { usualPorts: false });
  const config = parseDocument(await readFile(configFile, 'utf8'));
  const connection = (id: string, bot: string, label: string, baseUrl: string): unknown =>
    config.createNode({ id, bot, organisation: 'ville-claire', label, url: baseUrl, every: 5, settings: { baseUrl } });
  config.addIn(['connections'], connection('nuage', 'nextcloud', 'Nextcloud', cloud.url));
  config.addIn(['connections'], connection('visas', 'iparapheur', 'i-Parapheur', parapheur.url));
  await writeFile(configFile, config.toString({ lineWidth: 140 }), { mode: 0o600 });
  const trial = await startTrial({ folder });
  return {
    ...{ trial, cloud, parapheur },
    stop: async () => {
      await trial.stop();
      await Promise.all([cloud.stop(), parapheur.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
