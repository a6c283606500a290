/** Where the embedded provider keeps its sessions: one JSON file, so that they outlive a restart. Small by nature: a handful of people. */
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { Adapter, AdapterPayload } from 'oidc-provider';

type Row = { payload: AdapterPayload; until: number };
type Rows = Map<string, Row>;

const WRITE_AFTER_MS = 50; // a sign-in changes several rows at once

export type SessionFile = { adapter: (model: string) => Adapter; write(): Promise<void> };

/** Opens the file (a missing or damaged one begins empty: everybody signs in again). */
export function openSessions(file: string): SessionFile {
  const rows = read(file);
  let writing: NodeJS.Timeout | undefined;
  let last = Promise.resolve();
  const write = (): Promise<void> => {
    writing = undefined;
    last = last.then(() => save(file, rows));
    return last;
  };
  const changed = (): void => {
    writing ??= setTimeout(() => void write(), WRITE_AFTER_MS);
  };
  return { adapter: (model) => new RowAdapter(model, rows, changed), write };
}

function read(file: string): Rows {
  try {
    const rows: Rows = new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, Row][]);
    return new Map([...rows].filter(([, row]) => row.until > Date.now()));
  } catch {
    return new Map();
  }
}

async function save(file: string, rows: Rows): Promise<void> {
  const living = [...rows].filter(([, row]) => row.until > Date.now());
  await writeFile(`${file}.tmp`, JSON.stringify(living), { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}

const A_DAY_S = 86_400; // for what the provider gives no end

class RowAdapter implements Adapter {
  readonly #model: string;
  readonly #rows: Rows;
  readonly #changed: () => void;

  constructor(model: string, rows: Rows, changed: () => void) {
    this.#model = model;
    this.#rows = rows;
    this.#changed = changed;
  }

  upsert(id: string, payload: AdapterPayload, expiresIn: number = A_DAY_S): Promise<void> {
    this.#rows.set(`${this.#model}:${id}`, { payload, until: Date.now() + expiresIn * 1000 });
    this.#changed();
    return Promise.resolve();
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    const row = this.#rows.get(`${this.#model}:${id}`);
    return Promise.resolve(row !== undefined && row.until > Date.now() ? row.payload : undefined);
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy((payload) => payload.uid === uid);
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy((payload) => payload.userCode === userCode);
  }

  #findBy(matches: (payload: AdapterPayload) => boolean): Promise<AdapterPayload | undefined> {
    const own = [...this.#rows].filter(([key]) => key.startsWith(`${this.#model}:`));
    return Promise.resolve(own.map(([, row]) => row).find((row) => row.until > Date.now() && matches(row.payload))?.payload);
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload !== undefined) {
      payload.consumed = Math.floor(Date.now() / 1000);
      this.#changed();
    }
  }

  destroy(id: string): Promise<void> {
    this.#rows.delete(`${this.#model}:${id}`);
    this.#changed();
    return Promise.resolve();
  }

  revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, row] of this.#rows) {
      if (row.payload.grantId === grantId) {
        this.#rows.delete(key);
      }
    }
    this.#changed();
    return Promise.resolve();
  }
}
