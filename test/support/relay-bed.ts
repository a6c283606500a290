/** The relay of one process on a bed, and hands that accept items as ingest would: placement, row and wake in one commit. */
import type { Item } from '../../appservice/desk/item.ts';
import { itemKey, Item as ItemSchema } from '../../appservice/desk/item.ts';
import { isClosed, place, type Placement } from '../../appservice/desk/placement.ts';
import type { MatrixEvent } from '../../appservice/desk/event.ts';
import { openLog } from '../../appservice/log.ts';
import { makeMatrix, type Matrix } from '../../appservice/matrix/index.ts';
import { Relay } from '../../appservice/relay.ts';
import { makeFreeze } from '../../appservice/relay/freeze.ts';
import { enqueue } from '../../appservice/store/outbox.ts';
import { findRoom } from '../../appservice/store/rooms.ts';
import { registration } from '../../config/homeserver.ts';
import { PATIENCE_MS, until } from './guarded.ts';
import type { MatrixBed } from './matrix-bed.ts';

export class RelayBed {
  readonly bed: MatrixBed;
  readonly matrix: Matrix;
  readonly relay: Relay;
  #count = 0;

  constructor(bed: MatrixBed, { onStep }: { onStep?: (step: string) => void } = {}) {
    const { config, store } = bed;
    const log = openLog('error');
    this.bed = bed;
    this.matrix = makeMatrix({ config, registration: registration(config), store, ...(onStep && { onStep }) });
    this.relay = new Relay({
      store,
      storeUrl: config.store.url,
      matrix: this.matrix,
      freeze: makeFreeze({ ...config, clock: Date.now }),
      labels: new Map(config.connections.map(({ id, label }) => [id, label])),
      log,
      ...(onStep && { onStep }),
    });
  }

  start(): void {
    this.relay.start();
  }

  async stop(): Promise<void> {
    await this.relay.stop();
    await this.matrix.close();
  }

  /** Accepts an item for an agent; answers its key. The same `id` again is the next revision. */
  async accept(
    agent: string,
    { id = `demande/${String((this.#count += 1))}`, connection = 'gta', ...said }: { id?: string; connection?: string } & Partial<Item>,
  ): Promise<string> {
    const found = this.bed.config.connections.find((one) => one.id === connection);
    if (found === undefined) throw new Error(`no connection ${connection}`);
    const key = itemKey(found.bot, connection, id);
    const item = ItemSchema.parse({ title: id, revision: Date.now(), updatedAt: new Date().toISOString(), ...said, key });
    await this.#commit(agent, `desk:${found.organisation}:${agent}`, place(item, {}));
    return key;
  }

  async #commit(agent: string, address: string, placement: Placement): Promise<void> {
    const { key, revision, state, severity, connection, bot } = placement;
    const content = JSON.stringify(placement);
    const columns = { revision, content, state, severity, due_at: placement.dueAt ?? null, addressed: !isClosed(placement) };
    await this.bed.store.transaction().execute(async (trx) => {
      await trx
        .insertInto('work.placements')
        .values({ key, agent, address, connection, ...columns })
        .onConflict((conflict) => conflict.columns(['key', 'agent']).doUpdateSet(columns))
        .execute();
      await enqueue(trx, [{ address, kind: 'item', subject: key, sender: `ecritoire_${bot}` }]);
    });
  }

  /** The id of a room once the relay has made it. */
  async room(address: string): Promise<string> {
    const roomId = await until(async () => (await findRoom(this.bed.store, address))?.roomId);
    if (roomId === undefined) throw new Error(`no room for ${address}`);
    return roomId;
  }

  /** The items and edits of an agent's desk, oldest first, once there are at least so many. What the desk bot says (its help, pinned whenever) does not count. */
  async messages(agent: string, atLeast: number, { organisation = 'ville-claire' } = {}): Promise<MatrixEvent[]> {
    const roomId = await this.room(`desk:${organisation}:${agent}`);
    const deskBot = `@${registration(this.bed.config).sender_localpart}:${this.bed.config.serverName}`;
    const isOfTool = ({ type, sender }: MatrixEvent): boolean => type === 'm.room.message' && sender !== deskBot;
    const read = async (): Promise<MatrixEvent[]> => (await this.timeline(roomId)).filter(isOfTool);
    await until(async () => ((await read()).length >= atLeast ? true : undefined), { everyMs: 50 });
    return read();
  }

  /** Everything in a room as the desk bot sees it, oldest first. */
  async timeline(roomId: string): Promise<MatrixEvent[]> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages`;
    const { asToken } = this.bed.config.appservice;
    const events: MatrixEvent[] = [];
    let from: string | undefined;
    do {
      const query = new URLSearchParams({ dir: 'f', limit: '500', ...(from !== undefined && { from }) });
      const answer = await fetch(`${this.bed.synapse().url}${path}?${query.toString()}`, {
        headers: { authorization: `Bearer ${asToken}` },
      });
      const page = (await answer.json()) as { chunk: MatrixEvent[]; end?: string };
      events.push(...page.chunk);
      from = page.chunk.length === 0 ? undefined : page.end;
    } while (from !== undefined);
    return events;
  }

  /** A state of a room as the desk bot sees it; undefined when there is none. */
  async state(roomId: string, type: string, key = ''): Promise<Record<string, unknown> | undefined> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/${encodeURIComponent(type)}/${encodeURIComponent(key)}`;
    const answer = await fetch(`${this.bed.synapse().url}${path}`, {
      headers: { authorization: `Bearer ${this.bed.config.appservice.asToken}` },
    });
    return answer.status === 200 ? ((await answer.json()) as Record<string, unknown>) : undefined;
  }

  /** Waits until nothing is left in the outbox but what is dead. */
  async drained(withinMs = PATIENCE_MS): Promise<void> {
    const { store } = this.bed;
    const waiting = () =>
      store
        .selectFrom('work.outbox as row')
        .leftJoin('work.rooms as room', 'room.address', 'row.address')
        .select([
          'row.address',
          'kind',
          'subject',
          'sender',
          'row.attempts',
          'claimed_at',
          'not_before',
          'room_id',
          'due_at',
          'lease_until',
        ])
        .where('sent_at', 'is', null)
        .where('dead_at', 'is', null)
        .limit(20)
        .execute();
    const empty = async (): Promise<true | undefined> => ((await waiting()).length === 0 ? true : undefined);
    if ((await until(empty, { withinMs, everyMs: 50 })) === undefined)
      throw new Error(`the outbox is not empty: ${JSON.stringify(await waiting())}`);
  }
}
