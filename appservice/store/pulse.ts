/**
 * Whether PostgreSQL answers at all, and each of its processes that serve us. Asked each second on a connection of its own,
 * because no time-out of statements can tell: a migration, or one that waits for a replica's lock, may take minutes on a server
 * that is well. But a process that owes us an answer, and says there that it waits for us, has not heard: it is stopped.
 */
import { HeardClient, Sockets } from './sockets.ts';

const EVERY_MS = 1000;
const ANSWER_MS = 3000;
/** What is `active` may be at work for long; one that was stopped at work cannot be told from it. */
const DEAF = "select pid from pg_stat_activity where pid = any($1::int[]) and state like 'idle%'";
const GRACE_MS = 500; // a process that was held up itself reads what came meanwhile before it judges

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Pulse {
  readonly #url: string;
  readonly #watched: Sockets;
  #isStuck = false;
  #stopped = false;
  #sockets = new Sockets();

  /** `sockets` are given up when it stops answering. */
  constructor({ url, sockets }: { url: string; sockets: Sockets }) {
    this.#url = url;
    this.#watched = sockets;
  }

  get isStuck(): boolean {
    return this.#isStuck;
  }

  start(): void {
    void this.#beat();
  }

  stop(): void {
    this.#stopped = true;
    this.#sockets.giveUp();
  }

  /** A server that refuses us is not stuck: whoever asks it hears so. */
  async #beat(): Promise<void> {
    while (!this.#stopped) {
      await this.#follow().catch(() => undefined);
      this.#sockets.giveUp();
      await pause(EVERY_MS);
    }
  }

  /** Until its connection breaks or is not answered. */
  async #follow(): Promise<void> {
    const client = new HeardClient(this.#sockets, { connectionString: this.#url });
    client.on('error', () => undefined);
    await client.connect();
    while (!this.#stopped) {
      const silent = this.#watched.silent(ANSWER_MS);
      const answered = client.query<{ pid: number }>(DEAF, [silent]).then(({ rows }) => rows.map(({ pid }) => pid));
      const deaf = await Promise.race([answered, late()]);
      if (deaf === undefined) {
        this.#isStuck = true;
        this.#watched.giveUp();
        return;
      }
      this.#isStuck = false;
      // What was said meanwhile has been read with this answer.
      const still = this.#watched.silent(ANSWER_MS);
      this.#watched.giveUp(deaf.filter((pid) => still.includes(pid)));
      await pause(EVERY_MS);
    }
  }
}

async function late(): Promise<undefined> {
  await pause(ANSWER_MS);
  await pause(GRACE_MS);
}
