/** A desk room as the homeserver has it, read on from where it was read to; what is looked up in it is kept beside. */
import { EVENT, type MatrixEvent, readEdit, readItem, readOutcome, readRequest, type Request } from '../../appservice/desk/event.ts';
import type { Placement } from '../../appservice/desk/placement.ts';

/** One message of a placement, its first or an edit. `at`: ms, by the homeserver; `row`: the outbox row that said so. */
export type Said = { eventId: string; original: string; placement: Placement; at: number; row: string };

export type Answered = { eventId: string; outcome: string; at: number; row: string };

export class RoomView {
  readonly roomId: string;
  readonly agent: string;
  /** Messages by key, in room order. */
  readonly said = new Map<string, Said[]>();
  readonly requests: Request[] = [];
  /** Outcomes by request. */
  readonly answered = new Map<string, Answered[]>();
  /** The newest content of each connection's indicator. */
  readonly tools = new Map<string, Record<string, unknown>>();
  /** How often each outbox row came, in the order in which they came first. */
  readonly rows = new Map<string, number>();
  readonly #ask: (path: string) => Promise<unknown>;
  readonly #mxid: string;
  #last: string | undefined;

  /** `ask` reads as the desk bot. */
  constructor(at: { roomId: string; agent: string; mxid: string; ask: (path: string) => Promise<unknown> }) {
    this.roomId = at.roomId;
    this.agent = at.agent;
    this.#mxid = at.mxid;
    this.#ask = at.ask;
  }

  /** Reads what came since the last time. */
  async readOn(): Promise<void> {
    const fresh = await this.#fresh();
    for (const event of fresh) this.#note(event);
    this.#last = fresh.at(-1)?.event_id ?? this.#last;
  }

  /** The message that shows a key, and how it reads now. */
  current(key: string): { original: Said; latest: Said } | undefined {
    const said = this.said.get(key);
    const [original, latest] = [said?.[0], said?.at(-1)];
    return original && latest && { original, latest };
  }

  /** Whether its messages say more than one revision: which of them stood when she set it aside depends on what was being sent. */
  hasMoved(key: string): boolean {
    return new Set((this.said.get(key) ?? []).map(({ placement }) => placement.revision)).size > 1;
  }

  /** Backwards from the end to what is known, because a forward token at the end of a room is not promised to stay good. */
  async #fresh(): Promise<MatrixEvent[]> {
    const found: MatrixEvent[] = [];
    let from: string | undefined;
    do {
      const query = new URLSearchParams({ dir: 'b', limit: '200', ...(from !== undefined && { from }) });
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(this.roomId)}/messages?${query.toString()}`;
      const { chunk, end } = (await this.#ask(path)) as { chunk: MatrixEvent[]; end?: string };
      const known = chunk.findIndex((event) => event.event_id === this.#last);
      found.push(...(known < 0 ? chunk : chunk.slice(0, known)));
      from = known < 0 && chunk.length > 0 ? end : undefined;
    } while (from !== undefined);
    return found.reverse();
  }

  #note(event: MatrixEvent): void {
    const row = event.content[EVENT.row];
    if (typeof row === 'string') this.rows.set(row, (this.rows.get(row) ?? 0) + 1);
    if (event.type === EVENT.tool && event.state_key !== undefined) this.tools.set(event.state_key, event.content);
    const request = event.sender === this.#mxid ? readRequest(event) : undefined;
    if (request !== undefined) this.requests.push(request);
    const outcome = readOutcome(event);
    if (outcome !== undefined) push(this.answered, outcome.request, { ...outcome, row: outcome.row ?? '' });
    const edit = readEdit(event);
    if (edit !== undefined) push(this.said, edit.placement.key, { ...edit, eventId: event.event_id, row: edit.row ?? '' });
    const item = readItem(withoutBundle(event));
    if (item !== undefined) push(this.said, item.placement.key, { ...item, original: item.eventId, row: item.row ?? '' });
  }
}

/** As it was first sent: the edits are read from their own events. */
const withoutBundle = ({ unsigned: _unsigned, ...event }: MatrixEvent): MatrixEvent => event;

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
