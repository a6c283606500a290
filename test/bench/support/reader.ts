/** Another client of an agent: follows `/sync` and knows when each item's words first came by. */
import { z } from 'zod';

const Sync = z.object({
  next_batch: z.string(),
  rooms: z
    .object({
      invite: z.record(z.string(), z.unknown()).optional(),
      join: z
        .record(z.string(), z.object({ timeline: z.object({ events: z.array(z.object({ content: z.looseObject({}) })) }) }))
        .optional(),
    })
    .optional(),
});

const FILTER = JSON.stringify({
  presence: { not_types: ['*'] },
  account_data: { not_types: ['*'] },
  room: { timeline: { limit: 1000, types: ['m.room.message'] }, state: { lazy_load_members: true }, ephemeral: { not_types: ['*'] } },
});

export class Reader {
  readonly #url: string;
  readonly #token: string;
  readonly #stop = new AbortController();
  /** When a body was seen, by body. */
  readonly seen = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();
  #since: string | undefined;
  #following: Promise<void> = Promise.resolve();

  constructor({ url, token }: { url: string; token: string }) {
    this.#url = url;
    this.#token = token;
  }

  /** Resolves when it has the present and follows on. */
  async start(): Promise<void> {
    await this.#once(0);
    this.#following = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  /** When a body holding `words` came by; rejects after `withinMs`. */
  wait(words: string, withinMs: number): Promise<number> {
    const seen = this.#find(words);
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error(`« ${words} » did not come`)), withinMs);
      this.#waiting.set(words, (at) => {
        clearTimeout(late);
        this.#waiting.delete(words);
        done(at);
      });
    });
  }

  #find(words: string): number | undefined {
    for (const [body, at] of this.seen) if (body.includes(words)) return at;
    return undefined;
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) await this.#once(20_000).catch(() => undefined);
  }

  async #once(timeout: number): Promise<void> {
    const query = new URLSearchParams({
      timeout: String(timeout),
      filter: FILTER,
      ...(this.#since !== undefined && { since: this.#since }),
    });
    const answer = await fetch(`${this.#url}/_matrix/client/v3/sync?${query.toString()}`, {
      headers: { authorization: `Bearer ${this.#token}` },
      signal: this.#stop.signal,
    });
    const now = performance.now();
    const { next_batch, rooms } = Sync.parse(await answer.json());
    this.#since = next_batch;
    for (const roomId of Object.keys(rooms?.invite ?? {})) await this.#join(roomId);
    for (const { timeline } of Object.values(rooms?.join ?? {})) {
      for (const { content } of timeline.events) if (typeof content.body === 'string') this.#note(content.body, now);
    }
  }

  #note(body: string, at: number): void {
    if (!this.seen.has(body)) this.seen.set(body, at);
    for (const [words, done] of [...this.#waiting]) if (body.includes(words)) done(at);
  }

  async #join(roomId: string): Promise<void> {
    await fetch(`${this.#url}/_matrix/client/v3/join/${encodeURIComponent(roomId)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}` },
      body: '{}',
    });
  }
}
