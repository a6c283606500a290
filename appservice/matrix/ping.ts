/**
 * Asks the homeserver to reach us, at the start and every 15 s (Application Service API, v1.7). A success makes it send
 * at once what it held back while it could not reach us, instead of after up to 8.5 minutes. A success that only somebody
 * else heard is none: at the start it ends us, later it is told, since what runs already is not the one that came too many.
 */
import { DeskError } from '#desk/errors.ts';
import { OPERATOR } from '#desk/words.ts';
import type { Trouble } from '#store/outbox.ts';
import type { Answer, MatrixClient } from './client.ts';
import type { Echoes, Place } from './echoes.ts';
import { readTrouble } from './send.ts';

const EVERY_MS = 15_000;
const SOON_MS = 500; // until the first success
const TIMEOUT_MS = 10_000;
const SURE = 2; // pings that went elsewhere, before a start is given up

type Say = (fields: object, text: string) => void;
type PingLog = { info: Say; warn: Say; error: Say };

export type PingerOptions = {
  client: MatrixClient;
  registrationId: string;
  /** Where the homeserver was told to reach us, for the sentence to whoever starts us. */
  url: string;
  echoes: Echoes;
  log: PingLog;
  /** Told how the homeserver fails, undefined when it answered in its own words, also that it cannot reach us. */
  onAnswer?: (trouble: Trouble | undefined) => void;
  /** Called at a success that came after a failure: the homeserver may have been restarted, or restored. */
  onReturn?: () => void;
  /** Called while we run when the homeserver reaches somebody else in our place. */
  onElsewhere?: () => void;
};

type Ping = { answer: Answer; place: Place | undefined };

export class Pinger {
  readonly #options: PingerOptions;
  readonly #path: string;
  readonly #first = Promise.withResolvers<undefined>();
  #timer: NodeJS.Timeout | undefined;
  #succeededAt: number | undefined;
  #failing = false;
  #stopped = false;

  constructor(options: PingerOptions) {
    this.#options = options;
    this.#path = `/_matrix/client/v1/appservice/${options.registrationId}/ping`;
    this.#first.promise.catch(() => undefined); // told where it is awaited
  }

  /**
   * Resolves after the first success; rejects with `config` when before it the homeserver refuses our as_token, or reaches
   * somebody else in our place.
   */
  start(): Promise<void> {
    let elsewhere = 0;
    const next = async (): Promise<void> => {
      const { answer, place } = await this.#once();
      if (answer.status === 401) this.#first.reject(new DeskError('config', OPERATOR.asToken));
      if (place === 'elsewhere' && (elsewhere += 1) === SURE)
        this.#first.reject(new DeskError('config', OPERATOR.elsewhere({ url: this.#options.url })));
      if (this.#succeededAt !== undefined) this.#first.resolve(undefined);
      if (!this.#stopped) this.#timer = setTimeout(() => void next(), this.#succeededAt === undefined ? SOON_MS : EVERY_MS);
    };
    void next();
    return this.#first.promise;
  }

  /** Resolves once it is certain that the homeserver means us. */
  admitted(): Promise<void> {
    return this.#first.promise;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** ms since the last success, undefined before the first. */
  ageMs(): number | undefined {
    return this.#succeededAt === undefined ? undefined : Date.now() - this.#succeededAt;
  }

  async #once(): Promise<Ping> {
    const { client, echoes, onAnswer } = this.#options;
    const id = await echoes.announce();
    const answer = await client.call('POST', this.#path, { body: { transaction_id: id }, timeoutMs: TIMEOUT_MS });
    if (!this.#stopped) onAnswer?.(answer.errcode === undefined && answer.status !== 200 ? readTrouble(answer) : undefined);
    const place = await this.#placeOf(id, answer);
    if (place === undefined || place === 'elsewhere') this.#fail({ answer, place });
    else this.#succeed();
    return { answer, place };
  }

  /**
   * Synapse answers 502 although it reached us when it is sending again already what it held back: it cancels the same timer twice
   * (`force_retry` of its appservice scheduler). A ping that came, came; other replicas would else wait for one that is answered well.
   */
  async #placeOf(id: string, { status, errcode }: Answer): Promise<Place | undefined> {
    if (status !== 200 && errcode !== 'M_CONNECTION_FAILED') return undefined;
    const place = await this.#options.echoes.judge(id);
    return status === 200 || place === 'here' ? place : undefined;
  }

  #succeed(): void {
    const { log, onReturn } = this.#options;
    if (this.#failing) log.info({}, 'the homeserver reaches us again');
    const isBack = this.#failing && this.#succeededAt !== undefined;
    this.#failing = false;
    this.#succeededAt = Date.now();
    if (isBack) onReturn?.();
  }

  #fail({ answer, place }: Ping): void {
    const { log, onElsewhere } = this.#options;
    if (place === 'elsewhere' && this.#succeededAt !== undefined) onElsewhere?.();
    if (!this.#failing && !this.#stopped) {
      if (place === 'elsewhere') log.error({}, 'the homeserver reaches another installation in our place');
      else log.warn({ reason: answer.reason }, 'the homeserver does not reach us; it keeps what it has for us');
    }
    this.#failing = true;
  }
}
