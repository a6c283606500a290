/** The parts that are killed and started again: the appservice and its replicas, PostgreSQL, Synapse. */
import { copyFile, glob, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { pick, type Random } from '../support/town/random.ts';

export type Part = 'appservice' | 'replica' | 'postgres' | 'homeserver';

/** What one kill takes: a part, or all appservices at once. */
export type Target = Part | 'every appservice';

export class Parts {
  readonly bed: MatrixBed;
  readonly #config: string;
  readonly #replicas: number;
  #processes: AppserviceProcess[] = [];

  private constructor(bed: MatrixBed, { config, replicas }: { config: string; replicas: number }) {
    this.bed = bed;
    this.#config = config;
    this.#replicas = replicas;
  }

  static async start(replicas: number): Promise<Parts> {
    const bed = await startMatrixBed('crash');
    return new Parts(bed, { config: await writeConfig(bed), replicas });
  }

  /** Starts every replica, with a fault planted or as they are. */
  async startAppservices(preload?: string): Promise<void> {
    this.#processes = await Promise.all(Array.from({ length: this.#replicas }, () => this.#launch(preload)));
    await Promise.all(this.#processes.map((one) => one.ready()));
  }

  async killAppservices(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.kill()));
  }

  /** Kills a part at once; what is answered starts it again. */
  async kill(part: Target, { random, preload }: { random: Random; preload?: string }): Promise<() => Promise<void>> {
    if (part === 'postgres') {
      await this.bed.killPostgres();
      return () => this.bed.restartPostgres();
    }
    if (part === 'homeserver') {
      await this.bed.killSynapse();
      return () => this.bed.restartSynapse();
    }
    if (part === 'every appservice') {
      await this.killAppservices();
      return async () => {
        this.#processes = await Promise.all(this.#processes.map(() => this.#launch(preload)));
      };
    }
    const others = this.#processes.map((_, index) => index).slice(1);
    const index = part === 'appservice' ? 0 : pick(others, random);
    await this.#processes[index]?.kill();
    return async () => {
      this.#processes[index] = await this.#launch(preload);
    };
  }

  /** The logs of appservices that ended, which none may do by itself. Those are started again. */
  async fallen(): Promise<string[]> {
    const fallen = [...this.#processes.entries()].filter(([, { process }]) => process.exitCode !== null || process.signalCode !== null);
    for (const [index] of fallen) this.#processes[index] = await this.#launch();
    return fallen.map(([, { log }]) => log);
  }

  /** Copies what the parts logged to a folder that stays, and answers its path. */
  async keepLogs(name: string): Promise<string> {
    const kept = await mkdtemp(join(tmpdir(), `${name}-`));
    for await (const log of glob('{,*/}*.log', { cwd: this.bed.folder }))
      await copyFile(join(this.bed.folder, log), join(kept, basename(log)));
    return kept;
  }

  async stop(): Promise<void> {
    await this.killAppservices();
    await this.bed.stop();
  }

  #launch(preload?: string): Promise<AppserviceProcess> {
    return startAppservice(this.bed, { config: this.#config, ...(preload !== undefined && { preload }) });
  }
}

/** The bed's configuration without its proxy, and with one connection that counts its own revisions. */
async function writeConfig({ config, folder, synapse }: MatrixBed): Promise<string> {
  const written = JSON.parse(await readFile(config.file, 'utf8')) as { connections: { id: string }[] };
  const connections = written.connections.map((one) => ({ ...one, order: one.id === REVISION_CONNECTION ? 'revision' : 'time' }));
  const file = join(folder, 'crash.yaml');
  await writeFile(file, JSON.stringify({ ...written, homeserver: { url: synapse().url }, connections }), { mode: 0o600 });
  return file;
}

/** Of the bed's connections, the one that is ordered by `revision`. */
export const REVISION_CONNECTION = 'parapheur';
