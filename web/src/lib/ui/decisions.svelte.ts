/**
 * What the agent decides on her desk: shown at once, sent as one request per desk room, and taken back by redacting that very
 * request, so that everything is as it was before. Nothing here is ever done at a tool.
 */
import { requestEvent } from '#desk/event.ts';
import { MAX_ITEMS, type Request } from '#desk/request.ts';
import { shorten } from '#desk/text.ts';
import type { Desk } from '#lib/desk/desk.svelte.ts';
import type { Row } from '#lib/desk/rows.ts';
import type { DeskRoom } from '#lib/desk/room.ts';
import { homeserverNow } from '#lib/matrix/clock.ts';
import type { Outgoing } from '#lib/matrix/outgoing.ts';
import { newTxn } from '#lib/matrix/send.ts';
import * as fr from '#lib/messages/fr.ts';
import type { Announcer } from './announcer.svelte.ts';

type Input = Record<string, unknown> | undefined;
type Asking = { room: DeskRoom; items: string[]; action: string; input?: Input; revision?: number | undefined };

/**
 * One request on its way or sent; `eventId` resolves to undefined when the homeserver refused it. `name`: once it has one. `seen`:
 * what she had opened before it, which was not sent yet and went with it.
 */
type Deed = { room: DeskRoom; local: string; eventId: Promise<string | undefined>; name?: string; seen: readonly string[] };

/** What was done last and can be taken back, and how it is said. */
export type Undo = { text: string; deeds: readonly Deed[]; failed?: boolean; back?: () => Promise<void> };

const SEEN_EVERY_MS = 5_000; // DESIGN §3: « seen » is sent in batches at most every 5 s

const LONGEST_NAME = 60; // what was done, and what not, is to be read as well on a phone

const MOST_UNDONE = 50; // so far back one key goes: further is the items' history

export class Decisions {
  /** What is said of the last, for a while. */
  undo = $state.raw<Undo>();
  /** What can be taken back, the latest last. */
  #done: Undo[] = [];
  readonly #desk: () => Desk;
  readonly #outgoing: Outgoing;
  readonly #announcer: Announcer;
  /** What she has opened and the homeserver is not told of yet, by room: the desk may be drawn anew meanwhile. */
  readonly #seen = new Map<string, Set<string>>();

  constructor({ desk, outgoing, announcer }: { desk: () => Desk; outgoing: Outgoing; announcer: Announcer }) {
    this.#desk = desk;
    this.#outgoing = outgoing;
    this.#announcer = announcer;
  }

  /** Sends what was seen now and then, until the returned function is called; then at once what is left. */
  start(): () => void {
    const timer = setInterval(() => this.sendSeen(), SEEN_EVERY_MS);
    return () => {
      clearInterval(timer);
      this.sendSeen();
    };
  }

  /** The agent has opened it: sent with others, at most every 5 s. */
  markSeen(row: Row): void {
    if (!row.triage.seen) this.#showSeen(row.desk, [row.eventId]);
  }

  #showSeen(room: DeskRoom, eventIds: readonly string[]): void {
    this.#seen.set(room.room, new Set([...(this.#seen.get(room.room) ?? []), ...eventIds]));
    this.#desk().change(() => {
      for (const eventId of eventIds) {
        room.dropRequest(seenAs(eventId)); // behind all she decided since
        room.addRequest(this.#request({ room, items: [eventId], action: 'desk.seen' }, seenAs(eventId)));
      }
    });
  }

  /** At once: the page may be about to go. */
  sendSeen(): void {
    const waiting = [...this.#seen];
    this.#seen.clear();
    for (const [id, eventIds] of waiting) {
      const room = this.#desk().room(id);
      if (room === undefined) continue; // it is no desk of hers any more
      const all = [...eventIds];
      this.#desk().change(() => {
        for (const eventId of all) room.dropRequest(seenAs(eventId));
        for (let at = 0; at < all.length; at += MAX_ITEMS) this.#ask({ room, items: all.slice(at, at + MAX_ITEMS), action: 'desk.seen' });
      });
    }
  }

  /** Whatever is decided of an item says as well that it was seen, or is not to be: said after it, that would undo it. */
  #withhold(room: DeskRoom, items: readonly string[]): string[] {
    const waiting = this.#seen.get(room.room);
    const held = items.filter((eventId) => waiting?.delete(eventId));
    for (const eventId of held) room.dropRequest(seenAs(eventId));
    return held;
  }

  aside(rows: readonly Row[]): void {
    this.#act(rows, 'desk.aside', { said: fr.undo.aside(nameOf(rows)) });
  }

  /** `until`: a day or an instant as the wire writes it, said in words; without it, until the item changes. */
  snooze(rows: readonly Row[], until: string | undefined, said: string): void {
    const input = until === undefined ? { onChange: true } : { until };
    const text =
      until === undefined ? fr.undo.snoozedOnChange(nameOf(rows), rows.length) : fr.undo.snoozed(nameOf(rows), rows.length, said);
    this.#act(rows, 'desk.snooze', { input, said: text });
  }

  restore(rows: readonly Row[]): void {
    this.#act(rows, 'desk.restore', { said: fr.undo.restored(nameOf(rows)), isBare: true });
  }

  pin(row: Row): void {
    const { pinned } = row.triage;
    const said = pinned ? fr.undo.unpinned(nameOf([row])) : fr.undo.pinned(nameOf([row]));
    this.#act([row], pinned ? 'desk.unpin' : 'desk.pin', { said, isBare: true });
  }

  unsee(rows: readonly Row[]): void {
    this.#act(rows, 'desk.unseen', { said: fr.undo.unseen(nameOf(rows)), isBare: true });
  }

  /** An empty text takes the note away. */
  note(row: Row, text: string): void {
    this.#act([row], 'desk.note', { input: { text }, said: fr.undo.noted(nameOf([row])), isBare: true });
  }

  /** A task of her own in one of her desks; `dueAt` is a day. It comes as the item it is. Gives its request's id once it has one. */
  addTask(room: DeskRoom, title: string, dueAt: string | undefined): Promise<string | undefined> {
    const input = { title, ...(dueAt !== undefined && { dueAt }) };
    const text = fr.undo.taskAdded(shorten(title, LONGEST_NAME));
    const deed = this.#ask({ room, items: [], action: 'desk.task', input });
    const undo = { text, deeds: [deed] };
    this.#remember(undo);
    void deed.eventId.then((sent) => {
      if (sent === undefined) this.#fail(fr.undo.failed(fr.undo.one(shorten(title, LONGEST_NAME))), undo);
    });
    return deed.eventId;
  }

  /** Something else that was done and can be taken back the same way; `back` rejects when it cannot. */
  offer(text: string, back: () => Promise<void>): void {
    this.#remember({ text, deeds: [], back });
  }

  get canTakeBack(): boolean {
    return this.#done.length > 0;
  }

  /** Takes back what was done last and is not taken back yet. */
  takeBackLast(): void {
    const undo = this.#done.pop();
    if (undo === undefined) return;
    this.undo = undefined;
    for (const deed of undo.deeds) void this.#redact(deed.room, deed.name ?? deed.local, deed);
    undo.back?.().catch(() => this.#fail(fr.undo.notTakenBack));
    this.#announcer.sayNow(fr.undo.takenBack);
  }

  /** Takes one request back, from the item's history. */
  takeBack(room: DeskRoom, eventId: string): void {
    const isIt = ({ name, local }: Deed): boolean => name === eventId || local === eventId;
    const undo = this.#done.find(({ deeds }) => deeds.some(isIt));
    this.#done = this.#done.filter((one) => one !== undo);
    if (this.undo === undo) this.undo = undefined;
    // What it did together with others is taken back by the key still, without this.
    const rest = undo?.deeds.filter((deed) => !isIt(deed)) ?? [];
    if (undo && rest.length > 0) this.#done.push({ ...undo, deeds: rest });
    void this.#redact(room, eventId, undo?.deeds.find(isIt) ?? { eventId: Promise.resolve(eventId), seen: [] });
    this.#announcer.sayNow(fr.undo.takenBack);
  }

  #remember(undo: Undo): void {
    this.undo = undo;
    this.#done = [...this.#done, undo].slice(-MOST_UNDONE);
    this.#announcer.sayNow(undo.text);
  }

  /** `undo`: what did not come to be. */
  #fail(text: string, undo?: Undo): void {
    this.#done = this.#done.filter((one) => one !== undo);
    this.undo = { text, deeds: [], failed: true };
  }

  async #redact(room: DeskRoom, shown: string, { eventId, seen }: Pick<Deed, 'eventId' | 'seen'>): Promise<void> {
    const desk = this.#desk();
    desk.change(() => room.takeBack(shown)); // at once; by its true name as soon as it has one
    if (seen.length > 0) this.#showSeen(room, seen);
    void eventId.then((name) => {
      if (name !== undefined) desk.change(() => room.takeBack(name));
    });
    await this.#outgoing.send({ room: room.room, redacts: shown, txn: newTxn() }).catch(() => {
      this.#fail(fr.undo.notTakenBack);
    });
  }

  /** `isBare`: nothing was set aside, so there is no need to say that the tool was not touched. */
  #act(rows: readonly Row[], action: string, { input, said, isBare = false }: { input?: Input; said: string; isBare?: boolean }): void {
    if (rows.length === 0) return;
    const deeds = askings(rows, action, input).map((asking) => this.#ask(asking));
    const text = isBare ? said : `${said} ${fr.item.nothingDone(toolsOf(rows))}`;
    const undo = { text, deeds };
    this.#remember(undo);
    void Promise.all(deeds.map(({ eventId }) => eventId)).then((sent) => {
      if (sent.includes(undefined)) this.#fail(fr.undo.failed(nameOf(rows)), undo);
    });
  }

  #ask(asking: Asking): Deed {
    const txn = newTxn();
    const local = `~${txn}`;
    const seen = this.#withhold(asking.room, asking.items);
    this.#desk().addRequest(asking.room, this.#request(asking, local));
    const deed: Deed = { room: asking.room, local, eventId: this.#send(asking, txn), seen };
    void deed.eventId.then((name) => {
      if (name !== undefined) deed.name = name;
      else if (seen.length > 0) this.#showSeen(asking.room, seen);
    });
    return deed;
  }

  #request({ items, action, input, revision }: Asking, eventId: string): Request {
    const now = Date.now();
    return {
      eventId,
      sender: this.#desk().agent,
      items,
      action,
      askedAt: now,
      at: now,
      source: 'action',
      ...(input && { input }),
      ...(revision !== undefined && { revision }),
    };
  }

  async #send({ room, items, action, input, revision }: Asking, txn: string): Promise<string | undefined> {
    const { type, content } = requestEvent({ items, action, input, revision, askedAt: homeserverNow() });
    const desk = this.#desk();
    try {
      const eventId = await this.#outgoing.send({ room: room.room, type, content, txn });
      desk.change(() => room.renameRequest(`~${txn}`, eventId));
      return eventId;
    } catch {
      desk.change(() => room.dropRequest(`~${txn}`));
      return undefined;
    }
  }
}

const seenAs = (eventId: string): string => `~seen-${eventId}`;

/** One request per desk room and per fifty items. */
function askings(rows: readonly Row[], action: string, input: Input): Asking[] {
  const rooms = [...new Set(rows.map((row) => row.desk))];
  return rooms.flatMap((room) => {
    const own = rows.filter((row) => row.desk === room);
    const [only] = own;
    const revision = own.length === 1 ? only?.known.placement.revision : undefined;
    const parts = Array.from({ length: Math.ceil(own.length / MAX_ITEMS) }, (_, part) =>
      own.slice(part * MAX_ITEMS, (part + 1) * MAX_ITEMS),
    );
    return parts.map((part) => ({ room, items: part.map((row) => row.eventId), action, input, revision }));
  });
}

/** « Titre », or how many. */
function nameOf(rows: readonly Row[]): string {
  const [only] = rows;
  return rows.length === 1 && only ? fr.undo.one(shorten(only.known.placement.title, LONGEST_NAME)) : fr.undo.many(rows.length);
}

function toolsOf(rows: readonly Row[]): string {
  const labels = [...new Set(rows.map((row) => row.tool.label))];
  return labels.length === 1 ? (labels[0] ?? '') : fr.undo.theTools;
}
