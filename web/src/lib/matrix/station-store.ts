/** What a station of her own keeps between visits: the desk as it was seen last, and what is on its way. IndexedDB. */
import type { Snapshot } from '#lib/desk/snapshot.ts';
import type { Keeping, Outgoing } from './outgoing.ts';
import type { Redacting, Sending } from './send.ts';

export const NAME = 'ecritoire';
const [DESK, SENDINGS] = ['desk', 'sendings'];

/** `owner`: agent and device. A transaction id holds on one device only, so another's is never sent. */
export type KeptDesk = { owner: string; snapshot: Snapshot };
export type KeptSending = { owner: string; sending: Sending | Redacting };

/**
 * From now on what is on its way outlives the page; also what was decided before the station was open, but for what it has
 * `already`, by transaction id.
 */
export function keepWhatGoes(outgoing: Outgoing, keeping: Keeping, already: ReadonlySet<string> = new Set()): void {
  outgoing.keeping = keeping;
  const write = async (sending: Sending | Redacting): Promise<void> => {
    await keeping.add(sending);
    if (!outgoing.going.has(sending)) await keeping.remove(sending.txn); // it went meanwhile
  };
  for (const sending of outgoing.going) if (!already.has(sending.txn)) void write(sending).catch(() => undefined);
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
  });

async function keysOf(store: IDBObjectStore, txn: string): Promise<IDBValidKey[]> {
  const keys = await done(store.getAllKeys());
  const all = (await done<unknown[]>(store.getAll())) as KeptSending[];
  return keys.filter((_, index) => all[index]?.sending.txn === txn);
}

export class StationStore {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
  }

  static async open(): Promise<StationStore> {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(DESK);
      opening.result.createObjectStore(SENDINGS, { autoIncrement: true });
    };
    const database = await done(opening);
    database.onversionchange = () => database.close(); // another tab takes it all away
    return new StationStore(database);
  }

  close(): void {
    this.#database.close();
  }

  async desk(): Promise<KeptDesk | undefined> {
    return (await done<unknown>(this.#read(DESK).get('latest'))) as KeptDesk | undefined;
  }

  async keepDesk(desk: KeptDesk): Promise<void> {
    await done(this.#write(DESK).put(desk, 'latest'));
  }

  /** In the order they were decided. */
  async sendings(): Promise<KeptSending[]> {
    return (await done<unknown[]>(this.#read(SENDINGS).getAll())) as KeptSending[];
  }

  /** What is there under its transaction id keeps its place. */
  async add(kept: KeptSending): Promise<void> {
    const store = this.#write(SENDINGS);
    const [key] = await keysOf(store, kept.sending.txn);
    await done(key === undefined ? store.add(kept) : store.put(kept, key));
  }

  async remove(txn: string): Promise<void> {
    const store = this.#write(SENDINGS);
    await Promise.all((await keysOf(store, txn)).map((key) => done(store.delete(key))));
  }

  #read(name: string): IDBObjectStore {
    return this.#database.transaction(name, 'readonly').objectStore(name);
  }

  #write(name: string): IDBObjectStore {
    return this.#database.transaction(name, 'readwrite').objectStore(name);
  }
}

/** Nothing is left. */
export async function wipe(): Promise<void> {
  await new Promise<void>((resolve) => {
    const deleting = indexedDB.deleteDatabase(NAME);
    deleting.onsuccess = deleting.onerror = deleting.onblocked = () => resolve();
  });
}
