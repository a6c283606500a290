/** What a screen reader is told, politely: at most one sentence every 5 s, arrivals grouped (RGAA 7.5). */
import * as fr from '#lib/messages/fr.ts';

const EVERY_MS = 5_000;

export class Announcer {
  /** The text of the one `role="status"`, which is in the page from the start. */
  text = $state('');
  #arrived: string[] = [];
  #sentences: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastAt = 0;

  arrived(title: string): void {
    this.#arrived.push(title);
    this.#plan();
  }

  say(sentence: string): void {
    this.#sentences.push(sentence);
    this.#plan();
  }

  /** At once, whatever was said just before: what can be called back for a few seconds cannot wait for its turn. */
  sayNow(sentence: string): void {
    clearTimeout(this.#timer);
    this.#sentences.push(sentence);
    this.#flush();
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(0, this.#lastAt + EVERY_MS - Date.now()));
  }

  #flush(): void {
    const arrived = this.#arrived.length > 0 ? [fr.list.arrived(this.#arrived)] : [];
    this.text = [...this.#sentences.slice(-1), ...arrived].join(' ');
    this.#arrived = [];
    this.#sentences = [];
    this.#timer = undefined;
    this.#lastAt = Date.now();
  }
}
