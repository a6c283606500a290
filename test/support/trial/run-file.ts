/** `run.json`: what tools and tests read of a running trial instead of its logs (DESIGN §7). Mode 0600, replaced whole. */
import { readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { LoadedConfig } from '#config/load.ts';
import { localpartOfName } from '../../../appservice/directory/localpart.ts';
import { writeWhole } from './local.ts';
import type { Standing } from './supervise.ts';

export const RunFile = z.object({
  ready: z.boolean(),
  /** The starter's. */
  pid: z.number().int(),
  web: z.string(),
  appservice: z.string(),
  homeserver: z.string(),
  issuer: z.string(),
  parts: z.array(z.object({ name: z.string(), pid: z.number().int(), url: z.string().optional(), log: z.string() })),
  /** Once per organisation that knows her. */
  people: z.array(z.object({ name: z.string(), login: z.string(), mail: z.string(), mxid: z.string(), organisation: z.string() })),
  /** Those that take signed CloudEvents; what bots read is no address to post to. */
  connections: z.array(
    z.object({
      id: z.string(),
      bot: z.string(),
      organisation: z.string(),
      hook: z.string(),
      secretFile: z.string(),
      order: z.enum(['time', 'revision']),
      hosts: z.array(z.string()),
      callback: z.string().nullable(),
      retired: z.boolean().optional(),
    }),
  ),
  registration: z.string(),
  config: z.string(),
});
export type RunFile = z.infer<typeof RunFile>;

/** What a run says besides its parts; it does not change while it runs. */
export type RunFacts = Omit<RunFile, 'ready' | 'parts' | 'pid'>;

/** Secrets that the configuration takes from the environment are written to files, so that every connection has one. */
export async function runFacts(
  config: LoadedConfig,
  { folder, registrationFile }: { folder: string; registrationFile: string },
): Promise<RunFacts> {
  return {
    web: config.publicUrl,
    appservice: config.appservice.url,
    homeserver: config.homeserver.url,
    issuer: config.providers[0]?.issuer ?? '',
    people: config.people.flatMap((person) => {
      const login = person.uid ?? localpartOfName(person);
      return person.organisations.map((organisation) => ({
        name: person.name,
        login,
        mail: person.mail,
        mxid: `@${login}:${config.serverName}`,
        organisation,
      }));
    }),
    connections: await Promise.all(
      config.connections.filter(({ settings }) => settings === undefined).map((connection) => connectionFacts(config, connection, folder)),
    ),
    registration: registrationFile,
    config: config.file,
  };
}

type Connection = LoadedConfig['connections'][number];

async function connectionFacts(config: LoadedConfig, connection: Connection, folder: string): Promise<RunFile['connections'][number]> {
  const { id, bot, organisation, order, hosts, callback, retired, secrets } = connection;
  const own = join(resolve(dirname(config.file)), 'secrets', `hook-${id}`);
  const text = `${secrets.join('\n')}\n`;
  const isSame = (await readFile(own, 'utf8').catch(() => undefined)) === text;
  const secretFile = isSame ? own : join(folder, 'secrets', `run-${id}`);
  if (!isSame) {
    await writeWhole(secretFile, text);
  }
  const hook = `${config.appservice.url}/hooks/${id}`;
  return { id, bot, organisation, hook, secretFile, order, hosts, callback: callback ?? null, ...(retired && { retired }) };
}

/** Keeps one file, its writes one after another. */
export class RunKeeper {
  readonly file: string;
  readonly #facts: RunFacts;
  #last: Promise<void> = Promise.resolve();
  #text = '';

  constructor(file: string, facts: RunFacts) {
    this.file = file;
    this.#facts = facts;
  }

  /** `ready` when every part is. */
  write(standings: readonly Standing[], { ready }: { ready: boolean }): Promise<void> {
    const parts = standings.flatMap(({ part, pid }) =>
      pid === undefined ? [] : [{ name: part.name, pid, ...(part.url !== undefined && { url: part.url }), log: part.log }],
    );
    const content: RunFile = { ready, pid: process.pid, ...this.#facts, parts };
    const text = `${JSON.stringify(content, null, 2)}\n`;
    if (text !== this.#text) {
      this.#text = text;
      this.#last = this.#last.then(() => writeWhole(this.file, text));
    }
    return this.#last;
  }

  async remove(): Promise<void> {
    await this.#last.catch(() => undefined);
    await rm(this.file, { force: true });
  }
}

/** A SIGKILL leaves the file of a run that is no more: nobody may take it for a living one. */
export async function disownStale(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    return;
  }
  const stale = RunFile.safeParse(parse(text));
  await (stale.success ? writeWhole(file, `${JSON.stringify({ ...stale.data, ready: false }, null, 2)}\n`) : rm(file, { force: true }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
