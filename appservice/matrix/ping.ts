/**
 * Asks the homeserver to reach us, at the start and every 15 s (Application Service API, v1.7). A success makes it send
 * at once what it held back while it could not reach us, instead of after up to 8.5 minutes.
 */
import { randomUUID } from 'node:crypto';
import { DeskError } from '#desk/errors.ts';
import { OPERATOR } from '#desk/words.ts';
import type { Trouble } from '#store/outbox.ts';
import type { Answer, MatrixClient } from './client.ts';
import { readTrouble } from './send.ts';

const EVERY_MS = 15_000;
const SOON_MS = 500; // until the first success
const TIMEOUT_MS = 10_000;

type PingLog = { info: (fields: object, text: string) => void; warn: (fields: object, text: string) => void };

export type PingerOptions = {
  client: MatrixClient;
  registrationId: string;
  log: PingLog;
  /** Told how the homeserver fails, undefined when it answered in its own words, also that it cannot reach us. */
  onAnswer?: (trouble: Trouble | undefined) => void;
  /** Called at a success that came after a failure: the homeserver may have been restarted, or restored. */
  onReturn?: () => void;
};

export class Pinger {
  readonly #client: MatrixClient;
  readonly #log: PingLog;
  readonly #path: string;
  readonly #onAnswer: (trouble: Trouble | undefined) => void;
  readonly #onReturn: () => void;
  #timer: NodeJS.Timeout | undefined;
  #succeededAt: number | undefined;
  #failing = false;
  #stopped = false;

  constructor({ client, registrationId, log, onAnswer = () => undefined, onReturn = () => undefined }: PingerOptions) {
    this.#onAnswer = onAnswer;
    this.#client = client;
    this.#log = log;
    this.#onReturn = onReturn;
    this.#path = `/_matrix/client/v1/appservice/${registrationId}/ping`;
  }

  /** Resolves after the first success; rejects with `config` when the homeserver refuses our as_token before it. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = async (): Promise<void> => {
        const answer = await this.#once();
        if (answer.status === 200) resolve();
        if (answer.status === 401) reject(new DeskError('config', OPERATOR.asToken));
        if (!this.#stopped) this.#timer = setTimeout(() => void next(), this.#succeededAt === undefined ? SOON_MS : EVERY_MS);
      };
      void next();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** ms since the last success, undefined before the first. */
  ageMs(): number | undefined {
    return this.#succeededAt === undefined ? undefined : Date.now() - this.#succeededAt;
  }

  async #once(): Promise<Answer> {
    const answer = await this.#client.call('POST', this.#path, { body: { transaction_id: randomUUID() }, timeoutMs: TIMEOUT_MS });
    if (!this.#stopped) this.#onAnswer(answer.errcode === undefined && answer.status !== 200 ? readTrouble(answer) : undefined);
    if (answer.status === 200) {
      if (this.#failing) this.#log.info({}, 'the homeserver reaches us again');
      const isBack = this.#failing && this.#succeededAt !== undefined;
      this.#failing = false;
      this.#succeededAt = Date.now();
      if (isBack) this.#onReturn();
      return answer;
    }
    if (!this.#failing && !this.#stopped)
      this.#log.warn({ reason: answer.reason }, 'the homeserver does not reach us; it keeps what it has for us');
    this.#failing = true;
    return answer;
  }
}
