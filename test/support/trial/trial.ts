/** One run of the trial: its parts, what is said of them, its run.json, its end. */
import { chmod, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registration } from '#config/homeserver.ts';
import { type LoadedConfig, loadConfig } from '#config/load.ts';
import { buildWeb } from './build.ts';
import { type LocalFolder, openLocal, resetLocal, writeWhole } from './local.ts';
import type { Options } from './options.ts';
import { type Setting, appservicePart, homeserverPart, issuerPart, ownParts, postgresPart, townPart, webPart } from './parts.ts';
import { requireFree } from './ports.ts';
import { elapsed, say, step } from './progress.mjs';
import { RunKeeper, disownStale, runFacts } from './run-file.ts';
import { Sentence, lastLine } from './run.mjs';
import { sayReady } from './say-ready.ts';
import { type Part, type Told, Supervisor } from './supervise.ts';

const PYTHON_FAILED = fileURLToPath(new URL('../../../.local/python-failed', import.meta.url));

type Own = ReturnType<typeof ownParts>;

/** Steps 1 and 2 were prepare.mjs's. */
const STEP: Readonly<Record<string, number>> = { postgres: 3, homeserver: 4, issuer: 5, appservice: 6, web: 7, town: 7 };

/** Reads or makes the folder and the configuration, starts everything that is ours. Throws a Sentence or the configuration's error. */
export async function startTrial(options: Options): Promise<Trial> {
  if (options.reset) {
    await resetLocal(options.folder);
  }
  const local = await openLocal(options.folder, { usualPorts: options.isUsual, web: options.port });
  const runFile = join(local.folder, 'run.json');
  await disownStale(runFile);
  const config = await loadConfig(options.config ?? local.configFile);
  const own = ownParts({ config, local });
  if (own.homeserver) {
    await requirePython();
  }
  await requireFree(portsOf(local, { config, own, town: options.town }), { configFile: config.file });
  const registrationFile = join(local.folder, 'registration.json');
  await writeWhole(registrationFile, JSON.stringify(registration(config), null, 2));
  const keeper = new RunKeeper(runFile, await runFacts(config, { folder: local.folder, registrationFile }));
  const trial = new Trial({ config, local, registrationFile, runFile }, keeper);
  await trial.start({ own, options });
  return trial;
}

/** prepare.mjs could not make the homeserver's environment: told once, so that a later start tries anew. */
async function requirePython(): Promise<void> {
  const sentence = await readFile(PYTHON_FAILED, 'utf8').catch(() => undefined);
  if (sentence !== undefined) {
    await rm(PYTHON_FAILED, { force: true });
    throw new Sentence(sentence);
  }
}

/** Only the ports that this run will open. */
function portsOf(
  { ports, twins }: LocalFolder,
  { config, own, town }: { config: LoadedConfig; own: Own; town: boolean },
): Record<string, number> {
  return {
    web: config.web.listen.port,
    appservice: config.appservice.listen.port,
    internal: config.appservice.internal.port,
    ...(own.homeserver && { homeserver: ports.homeserver }),
    ...(own.issuer && { issuer: ports.issuer }),
    ...(town && { town: ports.town, ...twins }),
  };
}

export class Trial implements Told {
  readonly #setting: Setting;
  readonly #keeper: RunKeeper;
  readonly #supervisor = new Supervisor(this);
  #expected = 0;
  #announced = false;
  #stopping: Promise<void> | undefined;
  readonly #over = Promise.withResolvers<number>();

  constructor(setting: Setting, keeper: RunKeeper) {
    this.#setting = setting;
    this.#keeper = keeper;
  }

  /** Resolves with the exit code when everything has stopped. */
  get over(): Promise<number> {
    return this.#over.promise;
  }

  async start({ own, options }: { own: Own; options: Options }): Promise<void> {
    const parts = this.#chooseParts({ own, options });
    this.#expected = parts.length;
    await Promise.all(parts.map(({ log }) => turnLog(log)));
    const afterStore = own.postgres ? { after: () => this.#supervisor.whenReady('postgres') } : {};
    for (const part of parts) {
      this.#supervisor.keep(part, part.name.startsWith('appservice') ? afterStore : {});
    }
  }

  /** The homeserver first: it is what takes longest. */
  #chooseParts({ own, options }: { own: Own; options: Options }): Part[] {
    const built = this.#build();
    const replicas = Array.from({ length: options.replicas }, (_, index) => appservicePart(this.#setting, { number: index + 1 }));
    return [
      ...(own.homeserver ? [homeserverPart(this.#setting)] : []),
      ...(own.postgres ? [postgresPart(this.#setting)] : []),
      ...replicas,
      webPart(this.#setting, { built }),
      ...(own.issuer ? [issuerPart(this.#setting)] : []),
      ...(options.town ? [townPart(this.#setting)] : []),
    ];
  }

  #build(): Promise<void> {
    const building = buildWeb({ log: join(this.#setting.local.folder, 'log/build.log') }).then((done) => {
      if (done) step(7, 'Pages du bureau : construites');
    });
    building.catch((error: unknown) => this.#giveUp(error instanceof Error ? error.message : String(error)));
    return building;
  }

  changed(): void {
    if (this.#stopping !== undefined) {
      return;
    }
    const standings = this.#supervisor.standings();
    const ready = standings.length === this.#expected && standings.every((one) => one.ready);
    void this.#keeper.write(standings, { ready }).then(() => {
      if (ready && !this.#announced) {
        this.#announced = true;
        say(sayReady(this.#setting, { isTown: standings.some(({ part }) => part.name === 'town') }));
      }
    }, this.#cannotWrite);
  }

  readonly #cannotWrite = (error: unknown): void =>
    this.#giveUp(`${this.#keeper.file} ne peut pas être écrit (${String(error)}) : le disque est-il plein ?`);

  died(part: Part, how: string): void {
    if (this.#stopping === undefined) {
      say(`${part.said} : arrêt inattendu (${how}) à ${clock()}, relance. Journal : ${part.log}`);
    }
  }

  ready(part: Part, again: boolean): void {
    if (again) {
      say(`${part.said} : de nouveau en marche à ${clock()}.`);
    } else {
      step(STEP[part.name] ?? 6, `${part.said} : en marche`);
    }
  }

  gaveUp(part: Part, why: 'refused' | 'thrice', error?: unknown): void {
    void lastWords(part.log).then((words) => {
      const cause = error instanceof Sentence ? error.message : words;
      this.#giveUp(
        why === 'refused'
          ? cause
          : `${part.said} : trois arrêts en une minute, tout s’arrête. Dernier mot : ${cause} (journal : ${part.log})`,
      );
    });
  }

  #giveUp(sentence: string): void {
    if (this.#stopping === undefined) {
      say(`\nÉcritoire s’arrête (${elapsed()}). ${sentence}`);
      void this.stop(1);
    }
  }

  /** Stops all; a second call kills at once. */
  stop(code = 0): Promise<void> {
    if (this.#stopping !== undefined) {
      this.#supervisor.kill();
      return this.#stopping;
    }
    this.#stopping = this.#supervisor.stop().then(async () => {
      await this.#keeper.remove();
      this.#over.resolve(code);
    });
    return this.#stopping;
  }
}

const clock = (): string => new Date().toLocaleTimeString('fr-FR');

const LOG_BYTES = 5_000_000;

/** A log that grew large is put aside at a start, once; and each start begins on a line of its own. */
async function turnLog(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_BYTES) {
    await rename(log, `${log}.1`);
    await chmod(`${log}.1`, 0o600);
  }
}

const TAIL = 4000; // characters

/** The last sentence of a log: the message of a pino line, else the line itself. */
async function lastWords(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const line = lastLine(text.slice(-TAIL));
  try {
    const parsed = JSON.parse(line) as { msg?: unknown };
    return typeof parsed.msg === 'string' ? parsed.msg : line;
  } catch {
    return line;
  }
}
