/** The town's side of « Acting back » (HOOKS.md): its tools answer what agents ask of them, and can be told to misbehave. */
import { z } from 'zod';
import { verifyWebhook, type WebhookHeaders } from '../../../bots/webhook.ts';
import type { Fault } from '../../../bots/twin.ts';
import { postedKey } from './event.ts';
import type { Town } from './town.ts';

const Asked = z.object({
  id: z.string(),
  data: z.object({ action: z.string(), item: z.object({ key: z.string() }), input: z.record(z.string(), z.unknown()).default({}) }),
});

export type CallbackAnswer = { status: number; json?: unknown; html?: string };

/** One tool's end of it. What was asked before is answered as before: the id of a request stays the same. */
export class Callback {
  readonly #tool: string;
  readonly #town: Town;
  readonly #answered = new Map<string, CallbackAnswer>();
  calls = 0;
  acted = 0;
  fault: Fault | undefined;

  constructor(tool: string, town: Town) {
    this.#tool = tool;
    this.#town = town;
  }

  /** Throws `auth` for what the desk did not sign. */
  async answer(request: { headers: WebhookHeaders; body: Uint8Array; secret: string }): Promise<CallbackAnswer> {
    this.calls += 1;
    const payload = verifyWebhook({ secrets: [request.secret], headers: request.headers, body: request.body, now: Date.now() });
    const asked = Asked.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data;
    if (asked === undefined) return problem(400, 'Demande illisible');
    const known = this.#answered.get(asked.id);
    if (known !== undefined) return known;
    const said = await this.#act(asked.data);
    this.#answered.set(asked.id, said);
    return said;
  }

  async #act({ action, item: { key } }: z.infer<typeof Asked>['data']): Promise<CallbackAnswer> {
    const thing = this.#town.things(this.#tool).find((one) => postedKey(one) === key);
    if (thing === undefined) return problem(404, 'Cette demande n’est plus en attente');
    const { refuses, title } = thing.scene;
    if (refuses?.action === action) return problem(422, refuses.words);
    this.acted += 1;
    await this.#town.forget(thing);
    return { status: 200, json: { item: { key, title, state: 'done' } } };
  }
}

function problem(status: number, detail: string): CallbackAnswer {
  return { status, json: { type: 'about:blank', status, detail } };
}
