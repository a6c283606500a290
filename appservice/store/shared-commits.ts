/**
 * Requests that wait together are committed together: one fsync for many (measured: three times the accepts per second of
 * one transaction each). When a shared transaction fails, its requests are tried again one by one, so that one bad row
 * does not refuse its neighbours.
 */
type Waiting<Request, Answer> = { request: Request; weight: number; done: (answer: Answer) => void; fail: (error: unknown) => void };

const MOST_REQUESTS = 200;
const MOST_WEIGHT = 1000; // a batch of 500 events counts as 500: longer transactions hold their locks too long
const TRIES_ALONE = 2; // two transactions may meet once more, on a deadlock or on one delivery id
const IN_FLIGHT = 3; // one is being decided, one is being written, one waits for the disk
const PRESSED = 16; // events behind those in flight
/** Worth a transaction beside those in flight: less waits for one of them to end. In batches of fifty 100 events made a tenth more than 32. */
const ENOUGH = { requests: 32, events: 100 };

export class SharedCommits<Request, Answer> {
  readonly #commit: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly #weigh: (request: Request) => number;
  #queue: Waiting<Request, Answer>[] = [];
  #waiting = 0; // weight of the queue
  #inFlight = 0;

  /** `commit` runs one transaction and answers each request, in order; it throws when nothing was committed. */
  constructor({
    commit,
    weigh,
  }: {
    commit: (requests: readonly Request[]) => Promise<readonly Answer[]>;
    weigh: (request: Request) => number;
  }) {
    this.#commit = commit;
    this.#weigh = weigh;
  }

  /** More waits than one transaction takes away at once: requests come faster than they are committed. */
  get isPressed(): boolean {
    return this.#inFlight > 0 && this.#waiting >= PRESSED;
  }

  /** Resolves when the request's transaction is committed; rejects with what its own transaction threw. */
  submit(request: Request): Promise<Answer> {
    return new Promise((done, fail) => {
      const weight = Math.max(1, this.#weigh(request)); // an empty batch is answered as well
      this.#queue.push({ request, weight, done, fail });
      this.#waiting += weight;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#inFlight < IN_FLIGHT && (this.#inFlight === 0 || this.#isEnough)) {
      const taken = this.#take();
      this.#inFlight += 1;
      void this.#run(taken).finally(() => {
        this.#inFlight -= 1;
        this.#pump();
      });
    }
  }

  get #isEnough(): boolean {
    return this.#queue.length >= ENOUGH.requests || this.#waiting >= ENOUGH.events;
  }

  #take(): Waiting<Request, Answer>[] {
    let count = 0;
    let weight = 0;
    for (const waiting of this.#queue) {
      weight += waiting.weight;
      if (count === MOST_REQUESTS || (count > 0 && weight > MOST_WEIGHT)) break;
      count += 1;
    }
    const taken = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    for (const { weight: one } of taken) this.#waiting -= one;
    return taken;
  }

  async #run(taken: readonly Waiting<Request, Answer>[]): Promise<void> {
    const answers = await this.#commitTogether(taken);
    if (answers !== undefined) taken.forEach(({ done }, index) => done(answers[index] as Answer));
    else for (const alone of taken) await this.#runAlone(alone);
  }

  /** Undefined when it fails twice: two transactions that met once seldom meet again, one bad row fails each time. */
  async #commitTogether(taken: readonly Waiting<Request, Answer>[]): Promise<readonly Answer[] | undefined> {
    const requests = taken.map(({ request }) => request);
    const commit = (): Promise<readonly Answer[] | undefined> => this.#commit(requests).catch(() => undefined);
    return (await commit()) ?? (await commit());
  }

  async #runAlone({ request, done, fail }: Waiting<Request, Answer>, triesLeft = TRIES_ALONE): Promise<void> {
    try {
      const [answer] = await this.#commit([request]);
      done(answer as Answer);
    } catch (error) {
      if (triesLeft > 1) await this.#runAlone({ request, weight: 1, done, fail }, triesLeft - 1);
      else fail(error);
    }
  }
}
