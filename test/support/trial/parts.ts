/** The parts of the trial: how each is started, when it is healthy, and which of them are the trial's own. */
import type { ChildProcess } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeserverSnippet } from '#config/homeserver.ts';
import type { LoadedConfig } from '#config/load.ts';
import { NODE_ARGS, nodeEnvironment } from '../../../appservice/main/launch.ts';
import { ended, spawnCommand, until, withDeathSignal } from '../guarded.ts';
import { startPostgres } from '../postgres.ts';
import { prepareSynapse, startSynapse } from '../synapse.ts';
import { DATABASE, type LocalFolder, PROVIDER, moveStore, writeWhole } from './local.ts';
import type { Part } from './supervise.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export type Setting = { config: LoadedConfig; local: LocalFolder; registrationFile: string; runFile: string };

/** A part is ours when its address in the configuration is the one that the trial wrote there. */
export function ownParts({ config, local }: Pick<Setting, 'config' | 'local'>): {
  homeserver: boolean;
  postgres: boolean;
  issuer: boolean;
} {
  return {
    homeserver: config.homeserver.url === local.own.homeserver,
    postgres: config.store.url === local.own.store,
    issuer: config.providers.some(({ issuer }) => issuer === local.own.issuer),
  };
}

const logOf = ({ local }: Setting, name: string): string => join(local.folder, 'log', `${name}.log`);

export function postgresPart(setting: Setting): Part {
  const folder = join(setting.local.folder, 'postgres');
  return {
    name: 'postgres',
    said: 'La base de données',
    log: logOf(setting, 'postgres'),
    stage: 2,
    stopSignal: 'SIGINT', // PostgreSQL's fast and clean stop
    async launch(born) {
      const started = await startPostgres({ folder, databases: [DATABASE], log: this.log, born });
      const url = started.url(DATABASE);
      if (url !== setting.local.own.store) {
        await moveStore(setting.local, url);
      }
    },
  };
}

export function homeserverPart(setting: Setting): Part {
  const { config, local, registrationFile } = setting;
  return {
    name: 'homeserver',
    said: 'Le serveur Matrix',
    url: config.homeserver.url,
    log: logOf(setting, 'homeserver'),
    stage: 2,
    stopSignal: 'SIGTERM',
    async launch(born) {
      const python = await prepareSynapse();
      const homeserver = homeserverSnippet(config, { registrationFile });
      const { homeserver: port } = local.ports;
      await startSynapse({
        folder: join(local.folder, 'homeserver'),
        port,
        homeserver,
        python,
        serverName: config.serverName,
        log: this.log,
        born,
      });
    },
  };
}

export function issuerPart(setting: Setting): Part {
  const { config, local } = setting;
  const provider = config.providers.find(({ issuer }) => issuer === local.own.issuer);
  const folder = join(local.folder, 'issuer');
  const file = join(folder, 'settings.json');
  return {
    name: 'issuer',
    said: 'Le fournisseur d’identité',
    url: local.own.issuer,
    log: logOf(setting, 'issuer'),
    stage: 1,
    stopSignal: 'SIGTERM',
    async launch(born) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const settings = {
        issuer: local.own.issuer,
        host: '127.0.0.1',
        port: local.ports.issuer,
        deskUrl: config.publicUrl,
        provider: provider?.id ?? PROVIDER,
        clientId: provider?.clientId,
        clientSecret: provider?.clientSecret,
        folder,
      };
      await writeWhole(file, JSON.stringify(settings));
      const child = await launchNode(['test/support/issuer/main.ts', '--file', file], { log: this.log });
      born(child);
      await awaitAnswer(child, `http://127.0.0.1:${local.ports.issuer}/.well-known/openid-configuration`);
    },
  };
}

/** The application service; `number` 2 and more are replicas behind the same addresses. */
export function appservicePart(setting: Setting, { number = 1 }: { number?: number } = {}): Part {
  const { config } = setting;
  const name = number === 1 ? 'appservice' : `appservice-${number}`;
  const { host, port } = config.appservice.internal;
  return {
    name,
    said: number === 1 ? 'Le service applicatif' : `Le service applicatif ${number}`,
    url: config.appservice.url,
    log: logOf(setting, name),
    stage: 1,
    stopSignal: 'SIGTERM',
    async launch(born) {
      const child = await launchNode([...NODE_ARGS, 'appservice/main.ts', '--config', config.file], { log: this.log });
      let isServing = false;
      child.once('message', () => (isServing = true));
      born(child);
      await awaitAnswer(child, `http://${host}:${port}/readyz`, () => isServing);
    },
  };
}

/** `built` resolves when the pages are there. */
export function webPart(setting: Setting, { built }: { built: Promise<void> }): Part {
  const { config } = setting;
  const { host, port } = config.web.listen;
  return {
    name: 'web',
    said: 'Le web',
    url: config.publicUrl,
    log: logOf(setting, 'web'),
    stage: 1,
    stopSignal: 'SIGTERM',
    async launch(born) {
      await built;
      const child = await launchNode(['web/server.ts', '--config', config.file], { log: this.log });
      born(child);
      await awaitAnswer(child, `http://${host}:${port}/livez`);
    },
  };
}

export function townPart(setting: Setting): Part {
  const { local, runFile } = setting;
  return {
    name: 'town',
    said: 'La mairie d’essai',
    url: `http://127.0.0.1:${local.ports.town}`,
    log: logOf(setting, 'town'),
    stage: 1,
    stopSignal: 'SIGTERM',
    async launch(born) {
      const folder = join(local.folder, 'town');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const place = ['--folder', folder, '--port', String(local.ports.town), '--twins', JSON.stringify(local.twins)];
      const args = ['--run', runFile, '--config', setting.config.file, ...place];
      const child = await launchNode(['test/support/town/main.ts', ...args], { log: this.log });
      born(child);
      await awaitAnswer(child, `http://127.0.0.1:${local.ports.town}/`);
    },
  };
}

/** A Node 24 process of ours: it ends with the starter by its IPC channel, and by the death signal should it hang. */
async function launchNode(args: readonly string[], { log }: { log: string }): Promise<ChildProcess> {
  const output = await open(log, 'a', 0o600);
  try {
    return spawnCommand(withDeathSignal([process.execPath, '--disable-warning=ExperimentalWarning', ...args], 'TERM'), {
      cwd: ROOT,
      env: { ...cleanEnvironment(), ...nodeEnvironment({ cache: join(ROOT, 'node_modules/.cache/compile') }) },
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
      detached: true, // a Ctrl-C in the terminal goes to the starter alone, which stops the parts in order
    });
  } finally {
    await output.close();
  }
}

/** What npm sets for its scripts is not the parts' business. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
}

const HEALTHY_MS = 60_000;

/**
 * Resolves at the first answer that is no 5xx, once the process has said so itself where replicas share an address; throws when
 * it ends before, or after a minute of silence.
 */
async function awaitAnswer(child: ChildProcess, url: string, hasSaidSo = (): boolean => true): Promise<void> {
  let gone = false;
  void ended(child).then(() => (gone = true));
  const attempt = async (): Promise<true | undefined> => {
    if (gone) {
      throw new Error(`ended before it answered at ${url}`);
    }
    if (!hasSaidSo()) return undefined;
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await answer?.body?.cancel();
    return answer !== undefined && answer.status < 500 ? true : undefined;
  };
  if ((await until(attempt, { withinMs: HEALTHY_MS, everyMs: 25 })) === undefined) {
    throw new Error(`no answer at ${url} within ${HEALTHY_MS / 1000} s`);
  }
}
