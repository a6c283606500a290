/**
 * What the agent asks of tools: sent as one request, shown as going on until the tool's answer is in the room, and called
 * back by redacting that request while nothing was sent. The appservice decides; the page never says that it is done.
 */
import { requestEvent } from '#desk/event.ts';
import type { Action } from '#desk/item.ts';
import type { Request } from '#desk/request.ts';
import type { Desk } from '#lib/desk/desk.svelte.ts';
import type { Act } from '#lib/desk/acts.ts';
import type { Row } from '#lib/desk/rows.ts';
import { homeserverNow } from '#lib/matrix/clock.ts';
import type { Outgoing } from '#lib/matrix/outgoing.ts';
import { newTxn } from '#lib/matrix/send.ts';
import * as fr from '#lib/messages/fr.ts';
import type { Announcer } from './announcer.svelte.ts';

export type Input = Readonly<Record<string, string | number | boolean>>;

export class Acting {
  /** Requests that were called back here and of which the room does not say yet what came. */
  #calledBack = $state.raw<ReadonlySet<string>>(new Set());
  /** Said in the page when a request did not even reach the homeserver. */
  failure = $state<string>();
  readonly #desk: () => Desk;
  readonly #outgoing: Outgoing;
  readonly #announcer: Announcer;
  /** The homeserver's name of a request that was called back before it had one. */
  readonly #names = new Map<string, Promise<string | undefined>>();

  constructor({ desk, outgoing, announcer }: { desk: () => Desk; outgoing: Outgoing; announcer: Announcer }) {
    this.#desk = desk;
    this.#outgoing = outgoing;
    this.#announcer = announcer;
  }

  /** Says what went wrong without anything she did here; it stays until she has closed it. */
  warn(text: string): void {
    this.failure = text;
    this.#announcer.sayNow(text);
  }

  /** What can still be called back, the latest last. */
  get callable(): readonly Row[] {
    return this.#desk().callable.filter(({ act }) => act !== undefined && !this.#calledBack.has(act.request));
  }

  /** `revision` is that of the item as she was shown it when she decided. */
  ask(row: Row, action: Action, { input, revision }: { input?: Input | undefined; revision: number }): void {
    this.failure = undefined;
    const asking = { items: [row.eventId], action: action.id, revision, askedAt: homeserverNow(), ...(input && { input: { ...input } }) };
    const txn = newTxn();
    const local = `~${txn}`;
    const at = Date.now();
    const request: Request = { ...asking, eventId: local, sender: this.#desk().agent, at, source: 'action' };
    this.#desk().addRequest(row.desk, request);
    this.#announcer.sayNow(
      action.risk === 'amber' ? fr.act.checking(action.label, row.tool.label) : fr.act.sending(action.label, row.tool.label),
    );
    this.#names.set(local, this.#send(row, asking, txn, action.label));
  }

  async #send(row: Row, asking: Parameters<typeof requestEvent>[0], txn: string, label: string): Promise<string | undefined> {
    const { type, content } = requestEvent(asking);
    const desk = this.#desk();
    try {
      const eventId = await this.#outgoing.send({ room: row.desk.room, type, content, txn });
      desk.change(() => row.desk.renameRequest(`~${txn}`, eventId));
      return eventId;
    } catch {
      desk.change(() => row.desk.dropRequest(`~${txn}`));
      this.warn(fr.act.notSent(label, row.tool.label));
      return undefined;
    }
  }

  /** She called it back here, and the room does not say yet what came of it. */
  isCalledBack({ request, told }: Act): boolean {
    return this.#calledBack.has(request) && (told === undefined || told.outcome === 'waiting');
  }

  /** Calls back what was asked last; false when there is nothing. */
  callBackLast(): boolean {
    const row = this.callable.at(-1);
    if (row === undefined) return false;
    this.callBack(row);
    return true;
  }

  callBack(row: Row): void {
    const { act } = row;
    if (act === undefined) return;
    this.#calledBack = new Set([...this.#calledBack, act.request]);
    this.#announcer.sayNow(fr.act.callingBack(act.label));
    void this.#redact(row, act.request, act.label);
  }

  async #redact(row: Row, shown: string, label: string): Promise<void> {
    let named = shown;
    void this.#names.get(shown)?.then((name) => {
      named = name ?? shown;
      this.#calledBack = new Set([...this.#calledBack, named]);
    });
    try {
      await this.#outgoing.send({ room: row.desk.room, redacts: shown, txn: newTxn() });
    } catch {
      this.#calledBack = new Set([...this.#calledBack].filter((one) => one !== named && one !== shown));
      this.warn(fr.act.notCalledBack(label));
    }
  }

  /** The room says something new of a request: whoever listens is told. */
  hear(request: string): void {
    const row = this.#desk().findAsked(request);
    const told = row?.act?.told;
    if (row?.act === undefined || row.act.request !== request || told === undefined) return;
    if (told.outcome === 'waiting') this.#announcer.sayNow(fr.act.windowOpen(row.act.label, secondsLeft(told.until ?? told.at, told.at)));
    else if (told.outcome !== 'sent' || told.text !== undefined)
      this.#announcer.sayNow(fr.act.ended(row.act.label, row.tool.label, told.outcome, told.text));
  }
}

/** Whole seconds, never less than none. */
export function secondsLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil((until - now) / 1000));
}
