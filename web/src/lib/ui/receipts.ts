/** One `m.read` per desk room once its list has been shown, so that other clients' badges clear. It never means *seen*. */
import type { DeskRoom } from '#lib/desk/room.ts';
import type { Call } from '#lib/matrix/homeserver.ts';
import { sendRead } from '#lib/matrix/send.ts';

const EVERY_MS = 30_000;

export class Receipts {
  readonly #call: Call;
  readonly #sent = new Map<string, { eventId: string; at: number }>();

  constructor(call: Call) {
    this.#call = call;
  }

  /** Sends what is due; a receipt that did not arrive is sent with the next one. */
  read(rooms: readonly DeskRoom[], now: number): void {
    for (const { room, latest } of rooms) {
      const last = this.#sent.get(room);
      if (latest === undefined || latest === last?.eventId || (last && now - last.at < EVERY_MS)) continue;
      this.#sent.set(room, { eventId: latest, at: now });
      sendRead(this.#call, room, latest).catch(() => this.#sent.delete(room));
    }
  }
}
