/**
 * A room's history read as the core believes it: of each object the first message and its latest edit by room order,
 * every delivery that a message names, and what the agent asked. Pure; fed page by page.
 */
import { mayBelieveEdit, mayBelieveItem, mayBelieveOutcome } from '#desk/access.ts';
import { EVENT, type MatrixEvent, readEdit, readItem, readOutcome, readRedaction, readRequest, type Request } from '#desk/event.ts';
import type { Placement } from '#desk/placement.ts';
import type { SaidDelivery } from '#store/rebuilt.ts';

/** A card as the room shows it now; times in ms. */
export type Card = { eventId: string; sender: string; placement: Placement; sentAt: number; changedAt: number };

/** Something the agent said that asks for something, as the homeserver gave it. */
export type Asked = { event: MatrixEvent; request: Request | undefined };

export class RoomReading {
  readonly #serverName: string;
  readonly #agent: string;
  readonly #cards = new Map<string, Card>();
  readonly #originals = new Map<string, string>();
  readonly #deliveries: SaidDelivery[] = [];
  /** What the agent asked, in room order; what was redacted since asks nothing any more. */
  readonly asked: Asked[] = [];
  /** Her redactions, by the event they take back. */
  readonly redactions = new Map<string, MatrixEvent>();
  /** Requests that the room holds an outcome of. */
  readonly answered = new Set<string>();

  constructor({ serverName, agent }: { serverName: string; agent: string }) {
    this.#serverName = serverName;
    this.#agent = agent;
  }

  /** By key; two messages of one object are one card, the first. */
  get cards(): ReadonlyMap<string, Card> {
    return this.#cards;
  }

  get deliveries(): readonly SaidDelivery[] {
    return this.#deliveries;
  }

  /** Whether this is the message of a card. */
  isCard(eventId: string): boolean {
    return this.#originals.has(eventId);
  }

  /** The next event of the room. What it bundles is left aside: the edits come by themselves. */
  add({ unsigned, ...event }: MatrixEvent): void {
    if (unsigned?.['redacted_because'] !== undefined) return;
    const original = readItem(event);
    const edit = readEdit(event);
    const outcome = readOutcome(event);
    if (original !== undefined && mayBelieveItem(original, { serverName: this.#serverName })) this.#addCard(original);
    else if (edit !== undefined) this.#addEdit(edit);
    else if (outcome !== undefined && mayBelieveOutcome(outcome, { serverName: this.#serverName })) this.answered.add(outcome.request);
    else if (event.sender === this.#agent) this.#addAsked(event);
  }

  #addCard({ eventId, sender, placement, at }: NonNullable<ReturnType<typeof readItem>>): void {
    this.#note(placement, at);
    if (this.#cards.has(placement.key)) return;
    this.#cards.set(placement.key, { eventId, sender, placement, sentAt: at, changedAt: at });
    this.#originals.set(eventId, placement.key);
  }

  #addEdit({ original, sender, placement, at }: NonNullable<ReturnType<typeof readEdit>>): void {
    const card = this.#cards.get(this.#originals.get(original) ?? '');
    if (card === undefined || !mayBelieveEdit({ sender, placement }, card, { serverName: this.#serverName })) return;
    this.#note(placement, at);
    Object.assign(card, { placement, changedAt: at });
  }

  #note({ connection, via }: Placement, at: number): void {
    if (via !== undefined) this.#deliveries.push({ connection, source: via.source, id: via.id, digest: via.digest, at });
  }

  #addAsked(event: MatrixEvent): void {
    const redaction = readRedaction(event);
    if (redaction !== undefined) this.redactions.set(redaction.redacts, event);
    const request = readRequest(event);
    // An emptied event (redacted) says nothing; one that cannot be read is answered as such.
    if (request !== undefined || (event.type === EVENT.action && Object.keys(event.content).length > 0))
      this.asked.push({ event, request });
  }
}
