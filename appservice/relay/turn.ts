/** One room's turn: its next rows, one after the other, each claimed, put into words, sent and marked, or put off. */
import { DeskError } from '#desk/errors.ts';
import { isRead, unfreeze } from '#store/awaiting.ts';
import { isStoreFailure } from '#store/failure.ts';
import type { Store } from '#store/open.ts';
import type { OutboxRow, SendOutcome, Trouble } from '#store/outbox.ts';
import { type Lease, releaseRoom, type TurnEnd } from '#store/rooms.ts';
import type { Frozen } from '#store/tables.ts';
import { type ClaimedRow, claimRow, UnreadableRow } from '#store/turn.ts';
import { readDelivery } from './freeze.ts';
import { markDead, markInRoom } from './mark.ts';
import { backOff } from './silence.ts';

/** What the relay needs of Matrix, given by main. */
export type RelayMatrix = {
  ensureRoom: (address: string, bot?: string) => Promise<string>;
  ensureMember: (room: { address: string; roomId: string; bots: readonly string[] }, bot: string) => Promise<boolean>;
  send: (sending: { roomId: string; sender: string; id: string; frozen: Frozen; isRepeated: boolean }) => Promise<SendOutcome>;
};

export type RelayLog = {
  info: (fields: object, text: string) => void;
  warn: (fields: object, text: string) => void;
  error: (fields: object, text: string) => void;
};

export type TurnOptions = {
  store: Store;
  matrix: RelayMatrix;
  freeze: (db: Store, row: ClaimedRow) => Promise<Frozen>;
  log: RelayLog;
  /** The names of connections, for sentences to admins. */
  labels: ReadonlyMap<string, string>;
  /** Called between every two steps; tests end the process there. */
  onStep?: (step: string) => void;
  /** Called for each row that was tried. */
  onEnd?: (row: OutboxRow, outcome: SendOutcome['kind']) => void;
  /** The homeserver did not answer as it should, or asks for patience (`limited`). */
  onTrouble?: (trouble: Trouble, reason: string) => void;
  /** It answered a send, whatever it said. */
  onAnswer?: () => Promise<void>;
  onStoreFailure?: (error: unknown) => void;
};

/** A room that is worked on; `lost` once its lease went to another replica, `renewal` while that is renewed, `isOver` once nobody may. */
export type Turn = { lease: Lease; lost: boolean; renewal?: Promise<void>; isOver?: boolean };

const MOST = 10; // rows sent to one room before another room gets its turn

/** Never rejects but for a store that cannot take the room back; its lease then lapses. */
export async function workTurn(turn: Turn, isStopping: () => boolean, options: TurnOptions): Promise<void> {
  const { lease } = turn;
  let end: TurnEnd = { kind: 'sent' };
  try {
    let isLast = false;
    for (let count = 0; count < MOST && !isLast && !turn.lost && !isStopping(); count += 1) {
      const row = await claim(lease, options);
      if (row === undefined) break;
      if (row === 'buried') continue;
      options.onStep?.('relay.frozen');
      ({ end, isLast } = await sendRow(lease, row, options));
    }
  } catch (err) {
    options.log.error({ err, address: lease.address }, 'a room’s turn failed; it is tried again');
    options.onStoreFailure?.(err);
    end = { kind: 'failed', afterMs: backOff(lease.attempts) };
  }
  options.onStep?.('relay.turned');
  // Renewed meanwhile, the room would not know whose it was, and keep everybody off until the lease lapses.
  turn.isOver = true;
  await turn.renewal;
  await releaseRoom(options.store, lease, end);
  options.onStep?.('relay.released');
}

async function claim(lease: Lease, { store, freeze, log, labels }: TurnOptions): Promise<OutboxRow | 'buried' | undefined> {
  try {
    return await claimRow(store, lease, freeze);
  } catch (error) {
    // A row whose words cannot be found must not stop its room; a store that fails says nothing about the row.
    if (!(error instanceof UnreadableRow) || isStoreFailure(error.cause)) throw error;
    log.error({ err: error, row: error.row.id }, 'a row cannot be put into words');
    await markDead(store, error.row, 'contenu illisible', labels);
    return 'buried';
  }
}

/** `isLast`: the turn has nothing more to send. */
async function sendRow(lease: Lease, row: OutboxRow, options: TurnOptions): Promise<{ end: TurnEnd; isLast: boolean }> {
  const { store, log, labels, onStep } = options;
  const outcome = await send(lease, row, options);
  onStep?.('relay.sent');
  options.onEnd?.(row, outcome.kind);
  if (outcome.kind === 'later') return { end: putOff(lease, row, { outcome, options }), isLast: true };
  await options.onAnswer?.();
  const about = { row: row.id, ...readDelivery(row.frozen), address: row.address, kind: row.kind };
  let isLast = false;
  if (outcome.kind === 'sent') {
    ({ isLast } = await markInRoom(store, row, outcome.eventId));
    log.info({ ...about, event: outcome.eventId }, 'in the room');
  } else {
    log.warn({ ...about, reason: outcome.reason }, 'the homeserver refused a row for good');
    await markDead(store, row, outcome.reason, labels);
  }
  onStep?.('relay.marked');
  return { end: { kind: 'sent' }, isLast };
}

async function send(lease: Lease, row: OutboxRow, { store, matrix, onStep }: TurnOptions): Promise<SendOutcome> {
  const { address, sender, id, frozen } = row;
  if (frozen === null) throw new DeskError('bug', 'A claimed row is not frozen');
  try {
    if (lease.roomId === null) {
      lease.roomId = await matrix.ensureRoom(address, sender);
      if (!(await isRead(store, address))) {
        await unfreeze(store, id);
        return { kind: 'later', afterMs: undefined, trouble: undefined, reason: 'the room stood already; it is read first' };
      }
    }
    onStep?.('relay.room');
    if (!(await matrix.ensureMember({ address, roomId: lease.roomId, bots: lease.bots }, sender))) {
      return { kind: 'refused', reason: `${sender} cannot join the room` };
    }
    if (!lease.bots.includes(sender)) lease.bots = [...lease.bots, sender];
    return await matrix.send({ roomId: lease.roomId, sender, id, frozen, isRepeated: row.attempts > 1 });
  } catch (error) {
    if (!(error instanceof DeskError) || isStoreFailure(error.cause)) throw error;
    if (!error.fate.again && error.code !== 'config') return { kind: 'refused', reason: error.message };
    const trouble = error.retryAfterMs === undefined ? 'failing' : 'limited';
    return { kind: 'later', afterMs: error.retryAfterMs, trouble, reason: error.message };
  }
}

type Later = { outcome: Extract<SendOutcome, { kind: 'later' }>; options: TurnOptions };

function putOff(lease: Lease, row: OutboxRow, { outcome, options }: Later): TurnEnd {
  const { afterMs, trouble, reason } = outcome;
  const wait = Math.max(afterMs ?? 0, backOff(lease.attempts));
  if (trouble !== undefined) options.onTrouble?.(trouble, reason);
  if (trouble === undefined || trouble === 'limited') {
    options.log.info({ row: row.id, reason, address: lease.address, afterMs: wait }, 'the homeserver asks to come back later');
  }
  return afterMs === undefined ? { kind: 'failed', afterMs: wait } : { kind: 'told', afterMs: wait };
}
