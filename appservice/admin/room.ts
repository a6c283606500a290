/**
 * Commands from the admin rooms: who asks, may she, what comes of it. Everything is written in the transaction it is
 * given, so that a command and the mark that it was handled are one commit; its answer is a row like any other.
 */
import { sql } from 'kysely';
import { DESK_BOT, isOurBot, localpartOf } from '#desk/access.ts';
import { EVENT, MATRIX, type MatrixEvent, readRedaction } from '#desk/event.ts';
import { ANSWERS } from '#desk/words/commands.ts';
import { findAdmins } from '#store/admins.ts';
import { auditsOf, writeAudit } from '#store/audit.ts';
import { isStoreFailure } from '#store/failure.ts';
import { isRedactedAhead } from '#store/inbox.ts';
import type { Store } from '#store/open.ts';
import { enqueue, newRowId } from '#store/outbox.ts';
import { findAddress, readAddress } from '#store/rooms.ts';
import type { Call, Desk, DeskConfig, Result, RoomCommand } from './command.ts';
import { usageOf } from './help.ts';
import { readCommand, type Reading } from './read.ts';

export type AdminRoomOptions = Omit<Desk, 'db' | 'organisation' | 'who' | 'now' | 'config'> & {
  config: DeskConfig & { serverName: string; admins: readonly string[] };
  log: { error: (fields: object, text: string) => void };
  clock: () => number;
};

/** `organisation` undefined: the platform's room. */
type Room = { address: string; organisation: string | undefined };
type Said = { result: string; text: string; details?: Record<string, unknown> };

const COMMAND = 'admin.command';

export class AdminRooms {
  readonly #options: AdminRoomOptions;

  constructor(options: AdminRoomOptions) {
    this.#options = options;
  }

  /** Answers true when the event was for the admin's commands: a message, or the redaction of one, in an admin room. */
  async handle(db: Store, event: MatrixEvent): Promise<boolean> {
    const isMessage = event.type === MATRIX.message && event.state_key === undefined;
    const redaction = readRedaction(event);
    if (!isMessage && redaction === undefined) return false;
    const room = await findAdminRoom(db, event.room_id ?? '');
    if (room === undefined || isOurBot(event.sender, this.#options.config.serverName)) return room !== undefined;
    const said = redaction === undefined ? await this.#onMessage(db, event, room) : await onRedaction(db, redaction.redacts);
    if (said !== undefined) await say(db, event, room, said);
    return true;
  }

  async #onMessage(db: Store, event: MatrixEvent, room: Room): Promise<Said | undefined> {
    // An event is stored once by its id; this is for one that comes again long after that was forgotten.
    if ((await auditsOf(db, event.event_id, COMMAND)).length > 0) return undefined;
    if (event.unsigned?.['redacted_because'] !== undefined) {
      return (await this.#isAdmin(db, event.sender, room)) ? { result: 'redacted', text: ANSWERS.redactedBefore } : undefined;
    }
    const replaced = editOf(event);
    if (replaced !== undefined) {
      return (await auditsOf(db, replaced, COMMAND)).length > 0 ? { result: 'edited', text: ANSWERS.edited } : undefined;
    }
    const reading = this.#read(event);
    if (reading === undefined) return undefined;
    const name = reading.kind === 'unknown' ? undefined : reading.command.name;
    const details = name === undefined ? {} : { command: name };
    if (!(await this.#isAdmin(db, event.sender, room))) return { result: 'denied', text: ANSWERS.denied(this.#nameOf(room)), details };
    if (await isRedactedAhead(db, event)) return { result: 'redacted', text: ANSWERS.redactedBefore, details };
    return this.#answer(db, event, room, reading);
  }

  #read({ content }: MatrixEvent): Reading | undefined {
    const { body } = content;
    if (content['msgtype'] !== 'm.text' || typeof body !== 'string') return undefined;
    const { config, commands } = this.#options;
    const bot = `@${DESK_BOT}:${config.serverName}`;
    return readCommand(body, { commands, names: [bot, `@${DESK_BOT}`, DESK_BOT, 'écritoire'], isAddressed: mentions(content, bot) });
  }

  async #answer(db: Store, event: MatrixEvent, room: Room, reading: Reading): Promise<Said> {
    if (reading.kind === 'unknown') return { result: 'unknown', text: ANSWERS.unknown(reading.near) };
    const { command } = reading;
    const details = { command: command.name };
    if (command.role === 'operator') return { result: 'refused', text: ANSWERS.operatorOnly, details };
    if (reading.kind === 'usage') {
      return { result: 'usage', text: ANSWERS.usage({ near: reading.near, usage: usageOf(command) }), details };
    }
    const { call } = reading;
    const { result, text, counts = {} } = await this.#run(db, event, room, { command, call });
    const { verb, target } = call;
    return { result, text, details: { ...details, ...(verb !== '' && { verb }), ...(target !== undefined && { target }), ...counts } };
  }

  /** What a command did and its answer are one: when it throws, nothing of it stays, and the person is told so. */
  async #run(db: Store, event: MatrixEvent, room: Room, { command, call }: { command: RoomCommand; call: Call }): Promise<Result> {
    const { clock, log, ...common } = this.#options;
    const desk: Desk = { ...common, db, organisation: room.organisation, who: event.sender, now: clock() };
    await sql`savepoint admin_command`.execute(db);
    try {
      return await command.run(call, desk);
    } catch (err) {
      if (isStoreFailure(err)) throw err; // the whole transaction is gone; it is handled again
      log.error({ err, command: command.name, event: event.event_id }, 'an admin’s command failed');
      await sql`rollback to savepoint admin_command`.execute(db);
      return { result: 'failed', text: ANSWERS.failed };
    }
  }

  /** The role is that of the room's organisation, by the configuration. Being in the room is not enough. */
  async #isAdmin(db: Store, sender: string, { organisation }: Room): Promise<boolean> {
    const { config } = this.#options;
    const localpart = localpartOf(sender);
    if (localpart === '' || sender !== `@${localpart}:${config.serverName}`) return false;
    if (organisation === undefined) return (await findAdmins(db, { mails: config.admins })).includes(localpart);
    const mails = config.organisations.find(({ id }) => id === organisation)?.admins ?? [];
    return (await findAdmins(db, { mails, organisation })).includes(localpart);
  }

  #nameOf({ organisation }: Room): string | undefined {
    return organisation && (this.#options.config.organisations.find(({ id }) => id === organisation)?.name ?? organisation);
  }
}

async function findAdminRoom(db: Store, roomId: string): Promise<Room | undefined> {
  const text = await findAddress(db, roomId);
  const address = text === undefined ? undefined : readAddress(text);
  if (text === undefined || address === undefined) return undefined;
  if (address.kind === 'platform') return { address: text, organisation: undefined };
  return address.kind === 'admin' ? { address: text, organisation: address.organisation } : undefined;
}

/** What a redaction takes away is the message alone. Anything that was no command is nobody's business here. */
async function onRedaction(db: Store, redacts: string): Promise<Said | undefined> {
  const [first] = await auditsOf(db, redacts, COMMAND);
  const { result } = first?.details ?? {};
  return result === 'done' || result === 'nothing' || result === 'failed' ? { result: 'redacted', text: ANSWERS.redactedAfter } : undefined;
}

function editOf({ content }: MatrixEvent): string | undefined {
  const relation = content['m.relates_to'];
  if (typeof relation !== 'object' || relation === null || Reflect.get(relation, 'rel_type') !== 'm.replace') return undefined;
  const eventId: unknown = Reflect.get(relation, 'event_id');
  return typeof eventId === 'string' ? eventId : '';
}

function mentions(content: Record<string, unknown>, mxid: string): boolean {
  const said = content['m.mentions'];
  const users: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, 'user_ids') : undefined;
  return Array.isArray(users) && users.includes(mxid);
}

/** A notice of the desk bot in reply, and the line of the audit. What was typed stands in neither. */
async function say(db: Store, event: MatrixEvent, room: Room, { result, text, details = {} }: Said): Promise<void> {
  const id = newRowId();
  const content = {
    msgtype: 'm.notice',
    body: text,
    'm.mentions': {},
    'm.relates_to': { 'm.in_reply_to': { event_id: event.event_id } },
    [EVENT.row]: id,
  };
  const draft = { type: MATRIX.message, content };
  await enqueue(db, [{ id, address: room.address, kind: 'notice', subject: `${COMMAND}|${event.event_id}`, sender: DESK_BOT, draft }]);
  const organisation = room.organisation === undefined ? {} : { organisation: room.organisation };
  await writeAudit(db, { ...organisation, who: event.sender, what: COMMAND, subject: event.event_id, details: { ...details, result } });
}
