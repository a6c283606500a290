/**
 * Rebuild: `work` is made again from the rooms, room by room, while deliveries are accepted. Every replica looks once a
 * second whether something awaits it, and the operator's command does the same work aloud: whoever dies, another goes on.
 */
import type { LoadedConfig } from '#config/load.ts';
import { localpartOf } from '#desk/access.ts';
import { DeskError } from '#desk/errors.ts';
import {
  type Awaiting,
  claimAwaiting,
  countAwaiting,
  type Found,
  holdAwaiting,
  isWhole,
  keepFound,
  markRead,
  renewAwaiting,
  returnAwaiting,
  ROOMS_FOUND,
} from '#store/awaiting.ts';
import { changeCursor } from '#store/cursors.ts';
import type { Store } from '#store/open.ts';
import { forgetRoom, organisationOf, readAddress } from '#store/rooms.ts';
import { type SortAt, sortBy } from '#store/write.ts';
import type { Log } from './log.ts';
import type { History, RoomNow } from './matrix/history.ts';
import { RoomReading } from './rebuild/read.ts';
import { type Surroundings, writeDesk } from './rebuild/room.ts';
import { restoreWaiting } from './rebuild/waiting.ts';

export type RebuildOptions = {
  store: Store;
  matrix: History;
  config: Pick<LoadedConfig, 'serverName' | 'organisations' | 'connections'> & { appservice: { recordKey: Buffer } };
  log: Pick<Log, 'info' | 'warn'>;
  /** Called between every two steps; tests end the process there. */
  onStep?: (step: string) => void;
  /** Called after each room. */
  onRoom?: (progress: { read: number; awaiting: number }) => void;
};

const LANES = 4; // rooms read at the same time: Synapse reads with one core
const LOOKING = 16; // rooms looked at in the search; each is one short answer

export class Rebuild {
  readonly #options: RebuildOptions;
  readonly #around: Surroundings;
  readonly #sortAt: SortAt;
  #stopping = false;

  constructor(options: RebuildOptions) {
    const { serverName, organisations, connections } = options.config;
    const zones = new Map(organisations.map(({ id, timeZone }) => [id, timeZone]));
    this.#options = options;
    this.#sortAt = sortBy(zones);
    this.#around = { serverName, zones, sortAt: this.#sortAt, orders: new Map(connections.map(({ id, order }) => [id, order])) };
  }

  stop(): void {
    this.#stopping = true;
  }

  /** Does what awaits it and no other replica does; costs one question when nothing does. True when the store is whole. */
  async run(): Promise<boolean> {
    const { store, log } = this.#options;
    if (await isWhole(store)) return true;
    await this.#find();
    let rooms = 0;
    const lane = async (): Promise<void> => {
      while (!this.#stopping && (await this.#next())) rooms += 1;
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    if (rooms > 0) log.info({ rooms }, 'rooms were read that the store did not know');
    return isWhole(store);
  }

  /** Looks for our rooms, once: one replica does, the others go on with what it has found so far. */
  async #find(): Promise<void> {
    const { store, config, onStep } = this.#options;
    await changeCursor(store, ROOMS_FOUND, async (_trx, value) => {
      if (value !== null) return undefined;
      const found = await this.#search();
      await keepFound(store, found);
      await restoreWaiting(store, config.appservice.recordKey);
      onStep?.('rebuild.found');
      return found.length;
    });
  }

  async #search(): Promise<Found[]> {
    const { matrix } = this.#options;
    const rooms = await matrix.deskBotRooms();
    const byAddress = new Map<string, string[]>();
    const lane = async (): Promise<void> => {
      for (let roomId = rooms.pop(); roomId !== undefined; roomId = rooms.pop()) {
        const address = (await matrix.readRoom(roomId))?.address;
        if (address !== undefined) byAddress.set(address, [...(byAddress.get(address) ?? []), roomId]);
      }
    };
    await Promise.all(Array.from({ length: LOOKING }, lane));
    const found = await Promise.all([...byAddress].map(([address, ids]) => this.#choose(address, ids)));
    return found.filter((one) => one !== undefined);
  }

  /** Two rooms of one address: the alias decides, as it does whenever a room is looked for. */
  async #choose(address: string, roomIds: readonly string[]): Promise<Found | undefined> {
    const [roomId] = roomIds;
    const read = readAddress(address);
    if (roomIds.length === 1 || read === undefined) return roomId === undefined ? undefined : { address, roomId };
    const named = await this.#options.matrix.roomOfAlias(read);
    return named !== undefined && roomIds.includes(named) ? { address, roomId: named } : undefined;
  }

  /** False when no room is left to take, or the homeserver or the store does not answer. */
  async #next(): Promise<boolean> {
    const { store, log, onRoom } = this.#options;
    const claim = await claimAwaiting(store);
    if (claim === undefined) return false;
    try {
      await this.#read(claim);
      onRoom?.(await countAwaiting(store));
      return true;
    } catch (err) {
      log.warn({ err, address: claim.address }, 'a room could not be read; it is tried again');
      await returnAwaiting(store, claim);
      return !(err instanceof DeskError) || !err.fate.again;
    }
  }

  async #read(claim: Awaiting): Promise<void> {
    const { store, matrix, onStep } = this.#options;
    const now = await matrix.readRoom(claim.roomId);
    if (now === undefined) return forgetRoom(store, claim.address, claim.roomId);
    const { agent } = now;
    if (agent === undefined || now.address !== claim.address) return this.#keepAsItIs(claim, now);
    const reading = new RoomReading({ serverName: this.#around.serverName, agent });
    for await (const page of matrix.readPages(claim.roomId)) {
      for (const event of page) reading.add(event);
      if (!(await renewAwaiting(store, claim))) return;
    }
    onStep?.('rebuild.read');
    const organisation = organisationOf(claim.address) ?? '';
    await writeDesk(store, { claim, agent, localpart: localpartOf(agent), organisation, now, reading }, this.#around);
    onStep?.('rebuild.written');
  }

  /** A room that holds no cards: only who is in it has to be known. */
  async #keepAsItIs(claim: Awaiting, { bots }: RoomNow): Promise<void> {
    await this.#options.store.transaction().execute(async (trx) => {
      if (await holdAwaiting(trx, claim)) await markRead(trx, claim, bots);
    });
  }
}
