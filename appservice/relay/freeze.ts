/**
 * What a claimed row says, word for word: computed once, at its claim, from how things stand then. The codec of the
 * core writes all content; here is only chosen which of its words, and read back what was said.
 */
import { isDeepStrictEqual } from 'node:util';
import type { LoadedConfig } from '#config/load.ts';
import { EVENT, itemEdit, itemMessage } from '#desk/event.ts';
import { toolState } from '#desk/indicator.ts';
import { isClosed, type Placement } from '#desk/placement.ts';
import { OWN } from '#desk/task.ts';
import type { Store } from '#store/open.ts';
import { countedRows } from '#store/placements.ts';
import type { Frozen } from '#store/tables.ts';
import { type ClaimedRow, NothingToSay } from '#store/turn.ts';

export type FreezeOptions = Pick<LoadedConfig, 'serverName' | 'organisations' | 'connections'> & { clock: () => number };

/** Throws `NothingToSay` when the row says nothing (any more). */
export function makeFreeze(options: FreezeOptions): (db: Store, row: ClaimedRow) => Promise<Frozen> {
  const words = readWords(options);
  return async (db, row) => {
    if (row.kind === 'item') return freezeItem(row, words);
    if (row.kind === 'tool') return freezeTool(db, row, words);
    return row.draft as Frozen;
  };
}

/** What a desk's state says of a connection. */
type Named = Pick<LoadedConfig['connections'][number], 'bot' | 'label' | 'url'>;

type Words = {
  serverName: string;
  clock: () => number;
  connections: Map<string, Named>;
  zones: Map<string, string>;
};

function readWords({ serverName, organisations, connections, clock }: FreezeOptions): Words {
  return {
    serverName,
    clock,
    connections: new Map<string, Named>([[OWN.id, OWN], ...connections.map((connection) => [connection.id, connection] as const)]),
    zones: new Map(organisations.map(({ id, timeZone }) => [id, timeZone])),
  };
}

const ZONE = 'Europe/Paris'; // of an organisation that the configuration no longer names

function zoneOf({ zones }: Words, address: string): string {
  return zones.get(address.split(':')[1] ?? '') ?? ZONE;
}

function freezeItem(row: ClaimedRow, words: Words): Frozen {
  const { placement, placed_event: original } = row;
  if (placement === null) throw new NothingToSay();
  const localpart = row.address.split(':').slice(2).join(':');
  const at = {
    row: row.id,
    agent: `@${localpart}:${words.serverName}`,
    tool: words.connections.get(placement.connection)?.label ?? placement.bot,
    timeZone: zoneOf(words, row.address),
    now: words.clock(),
  };
  if (original !== null) {
    const becameUrgent = isPressing(placement) && row.placed_pressing !== true;
    return itemEdit(placement, { ...at, original, becameUrgent });
  }
  // Closed or taken away before its first message: nobody ever saw it.
  if (isClosed(placement) && row.draft.again !== true) throw new NothingToSay();
  return itemMessage(placement, at);
}

/** Urgent and open: what an edit notifies about when it was not so before. */
const isPressing = (placement: Pick<Placement, 'severity' | 'state'>): boolean => placement.severity === 'urgent' && !isClosed(placement);

async function freezeTool(db: Store, row: ClaimedRow, words: Words): Promise<Frozen> {
  const { rows, ever } = await countedRows(db, row.address, row.subject);
  const connection = words.connections.get(row.subject);
  if (!ever || connection === undefined) throw new NothingToSay();
  const { bot, label, url } = connection;
  const content = toolState(rows, { bot, connection: row.subject, label, url, now: words.clock(), timeZone: zoneOf(words, row.address) });
  if (isDeepStrictEqual(row.written, content)) throw new NothingToSay();
  return { type: EVENT.tool, stateKey: row.subject, content };
}

/** What a frozen item row shows, read back for the placement. */
export function readShown(frozen: Frozen): { revision: number; pressing: boolean } | undefined {
  const shown = shownIn(frozen);
  if (!isObject(shown) || typeof shown.revision !== 'number') return undefined;
  return { revision: shown.revision, pressing: isPressing(shown as Pick<Placement, 'severity' | 'state'>) };
}

/** The id of the delivery it was last changed by: what a log line at the door says as well. */
export function readDelivery(frozen: Frozen | null): { delivery?: string } {
  const shown = frozen === null ? undefined : shownIn(frozen);
  const via = isObject(shown) ? shown.via : undefined;
  return isObject(via) && typeof via.id === 'string' ? { delivery: via.id } : {};
}

function shownIn({ content }: Frozen): unknown {
  const edited = content['m.new_content'];
  return (isObject(edited) ? edited : content)[EVENT.item];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
