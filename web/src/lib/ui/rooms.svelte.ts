/** The agent's other rooms as the page shows them; the SDK behind them is fetched when the page has nothing better to do. */
import { getContext, setContext } from 'svelte';
import type { OpenedRoom, Rooms, RoomSummary } from '#lib/matrix/rooms.ts';
import * as fr from '#lib/messages/fr.ts';

export type RoomListOptions = { agent: string; except: ReadonlySet<string>; onDesk: () => void };

const REST_MS = 800; // the desk's own script and first poll go first
const IDLE_MS = 1_500;

/** Safari has no idle callbacks. */
function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(run, { timeout: IDLE_MS });
  else run();
}

export class RoomList {
  standing = $state<'loading' | 'ready' | 'failing'>('loading');
  list = $state.raw<RoomSummary[]>([]);
  #version = $state(0);
  #rooms: Rooms | undefined;

  /** Loads a while after it is told to, when the page is idle; at once when a room's page is shown. Gives what stops it. */
  start(options: RoomListOptions, { atOnce }: { atOnce: boolean }): () => void {
    let stopped = false;
    const load = () => void this.#load(options, () => stopped);
    const timer = setTimeout(() => (atOnce ? load() : whenIdle(load)), atOnce ? 0 : REST_MS);
    return () => {
      stopped = true;
      clearTimeout(timer);
      this.#rooms?.close();
      this.#rooms = undefined;
    };
  }

  async #load({ agent, except, onDesk }: RoomListOptions, isStopped: () => boolean): Promise<void> {
    try {
      if (isStopped()) return;
      const { Rooms } = await import('#lib/matrix/rooms.ts');
      if (isStopped()) return;
      const names = (all: readonly string[], others: number) =>
        others > 0 && all[0] !== undefined ? fr.rooms.andOthers(all.join(', '), others) : fr.rooms.direct(all);
      const words = { nameless: fr.rooms.noName, former: fr.rooms.former, names };
      const rooms = new Rooms({ agent, except, words, onDesk, onChange: () => this.#refresh() });
      this.#rooms = rooms;
      await rooms.open();
      this.#refresh();
    } catch {
      this.standing = 'failing';
      if (!isStopped()) setTimeout(() => void this.#load({ agent, except, onDesk }, isStopped), 10_000);
    }
  }

  #refresh(): void {
    if (!this.#rooms) return;
    this.standing = this.#rooms.standing;
    this.list = this.#rooms.list();
    this.#version += 1;
  }

  room(id: string): OpenedRoom | undefined {
    void this.#version;
    return this.#rooms?.room(id);
  }

  async older(id: string): Promise<void> {
    await this.#rooms?.older(id);
  }

  async join(id: string): Promise<void> {
    await this.#rooms?.join(id);
  }

  async write(id: string, body: string): Promise<void> {
    await this.#rooms?.write(id, body);
  }

  async read(id: string): Promise<void> {
    await this.#rooms?.read(id).catch(() => undefined); // the next message brings another
  }
}

const KEY = Symbol('rooms');
export const setRooms = (rooms: RoomList): RoomList => setContext(KEY, rooms);
export const getRooms = (): RoomList => getContext(KEY);
