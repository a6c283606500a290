/** Which rows are chosen to be acted on together. */
import type { Desk } from '#lib/desk/desk.svelte.ts';
import type { Row } from '#lib/desk/rows.ts';

export class Picking {
  /** Shown as checkboxes; begins with the first row chosen. */
  isOn = $state(false);
  #picked = $state.raw<ReadonlySet<string>>(new Set());
  readonly #desk: () => Desk;

  constructor(desk: () => Desk) {
    this.#desk = desk;
  }

  /** In list order; what has left the list is not chosen any more. */
  get rows(): Row[] {
    return this.#picked.size === 0 ? [] : this.#desk().rows.filter((row) => this.#picked.has(row.eventId));
  }

  has(row: Row): boolean {
    return this.#picked.has(row.eventId);
  }

  toggle(row: Row): void {
    const next = new Set(this.#picked);
    if (!next.delete(row.eventId)) next.add(row.eventId);
    this.#picked = next;
    this.isOn = true;
  }

  pickAll(rows: readonly Row[]): void {
    this.#picked = new Set(rows.map((row) => row.eventId));
  }

  start(): void {
    this.isOn = true;
  }

  stop(): void {
    this.isOn = false;
    this.#picked = new Set();
  }
}
