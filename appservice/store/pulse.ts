/**
 * Whether PostgreSQL answers at all. Asked each second on a connection of its own, because no time-out of statements can tell: a
 * migration, or one that waits for a replica's lock, may take minutes on a server that is well.
 */
import pg from 'pg';
import { Sockets } from './sockets.ts';

const EVERY_MS = 1000;
const ANSWER_MS = 3000;
const GRACE_MS = 500; // a process that was held up itself reads what came meanwhile before it judges

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Pulse {
  readonly #url: string;
  readonly #onStuck: () => void;
  #isStuck = false;
  #stopped = false;
  #sockets = new Sockets();

  /** `onStuck` is called when it stops answering. */
  constructor({ url, onStuck }: { url: string; onStuck: () => void }) {
    this.#url = url;
    this.#onStuck = onStuck;
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
    const client = new pg.Client({ connectionString: this.#url, stream: () => this.#sockets.open() });
    client.on('error', () => undefined);
    await client.connect();
    while (!this.#stopped) {
      const answered = client.query('select 1').then(() => true);
      if (!(await Promise.race([answered, late()]))) {
        this.#isStuck = true;
        this.#onStuck();
        return;
      }
      this.#isStuck = false;
      await pause(EVERY_MS);
    }
  }
}

async function late(): Promise<false> {
  await pause(ANSWER_MS);
  await pause(GRACE_MS);
  return false;
}
