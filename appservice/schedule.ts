/** What happens by the clock: ends of snoozes, health states, rooms that should stand; and, by pg-boss, retention. */
import { PgBoss } from 'pg-boss';

/** Work that is done again and again; `everyMs` counts from the end of one run to the beginning of the next, `againMs` after one that failed. */
export type Chore = { name: string; everyMs: number; againMs?: number; run: () => Promise<unknown> };

type ScheduleLog = { info: (fields: object, text: string) => void; warn: (fields: object, text: string) => void };

export type ScheduleOptions = { storeUrl: string; log: ScheduleLog; chores: readonly Chore[]; retention: () => Promise<object> };

const RETENTION = 'retention';
const RETENTION_CRON = '23 * * * *';

export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Map<string, Promise<void>>();
  #boss: PgBoss | undefined;
  #stopping = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  start(): void {
    for (const chore of this.#options.chores) this.#begin(chore, { isFailing: false });
  }

  /** Rejects when the store fails; may be called again then. */
  async startJobs(): Promise<void> {
    await this.#boss?.stop({ graceful: false }).catch(() => undefined);
    await this.#startBoss();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all([...this.#running.values(), this.#boss?.stop({ graceful: true, timeout: 3000 })]);
  }

  /** Has a chore run now instead of by the clock; one that is running runs once more afterwards. */
  hurry(name: string): void {
    const chore = this.#options.chores.find((one) => one.name === name);
    if (chore === undefined || this.#stopping || this.#boss === undefined) return;
    if (this.#running.has(name)) {
      void this.#running.get(name)?.then(() => this.hurry(name));
      return;
    }
    clearTimeout(this.#timers.get(name));
    this.#begin(chore, { isFailing: false });
  }

  /** A boundary per chore; one line when it begins to fail, one when it is well again. */
  #begin(chore: Chore, before: { isFailing: boolean }): void {
    const { log } = this.#options;
    const after = { isFailing: false };
    const run = chore
      .run()
      .then(() => {
        if (before.isFailing) log.info({ chore: chore.name }, 'a chore is well again');
      })
      .catch((err: unknown) => {
        after.isFailing = true;
        if (!before.isFailing) log.warn({ err, chore: chore.name }, 'a chore failed; it is tried again');
      })
      .finally(() => {
        this.#running.delete(chore.name);
        if (!this.#stopping)
          this.#timers.set(
            chore.name,
            setTimeout(() => this.#begin(chore, after), after.isFailing ? (chore.againMs ?? chore.everyMs) : chore.everyMs),
          );
      });
    this.#running.set(chore.name, run);
  }

  async #startBoss(): Promise<void> {
    const { storeUrl, log, retention } = this.#options;
    // Its own schema; two connections suffice for one job an hour. `singleton`: one run at a time over all replicas.
    const boss = new PgBoss({ connectionString: storeUrl, max: 2, application_name: 'ecritoire-jobs' });
    boss.on('error', (err) => log.warn({ err }, 'the schedule’s store failed'));
    this.#boss = boss;
    await boss.start();
    await boss.createQueue(RETENTION, { policy: 'singleton', retryLimit: 2, expireInSeconds: 900 });
    await boss.schedule(RETENTION, RETENTION_CRON);
    await boss.work(RETENTION, { pollingIntervalSeconds: 30 }, async () => {
      log.info(await retention(), 'forgot what is old');
    });
  }
}
