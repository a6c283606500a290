/** A trial whose Nextcloud, i-Parapheur and mail server are the test's, where nobody has linked an account yet. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { type ParapheurTwin, twin as parapheurTwin } from '../../bots/iparapheur/twin.ts';
import { type CloudTwin, twin as cloudTwin } from '../../bots/nextcloud/twin.ts';
import { SmtpSink } from './smtp.ts';
import { type Started, startTrial } from './started.ts';
import { POST } from './town/twins.ts';
import { openLocal } from './trial/local.ts';

export type OwnTools = { trial: Started; cloud: CloudTwin; parapheur: ParapheurTwin; post: SmtpSink; stop: () => Promise<void> };

export async function startOwnTools(): Promise<OwnTools> {
  const folder = await mkdtemp(join(tmpdir(), 'ecritoire-outils-'));
  const [cloud, parapheur] = await Promise.all([cloudTwin.start(), parapheurTwin.start()]);
  const { configFile, twins } = await openLocal(folder, { usualPorts: false });
  const post = await SmtpSink.start({}, twins[POST]);
  const config = parseDocument(await readFile(configFile, 'utf8'));
  const { connections } = config.toJS() as { connections: { id: string }[] };
  for (const [id, { url }] of Object.entries({ nuage: cloud, parapheur })) {
    const at = ['connections', connections.findIndex((one) => one.id === id)];
    config.setIn([...at, 'settings', 'baseUrl'], url);
    config.setIn([...at, 'every'], 5);
  }
  await writeFile(configFile, config.toString({ lineWidth: 140 }), { mode: 0o600 });
  const trial = await startTrial({ folder });
  return {
    trial,
    cloud,
    parapheur,
    post,
    stop: async () => {
      await trial.stop();
      await Promise.all([cloud.stop(), parapheur.stop(), post.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
