/** What she has set, as the room has it; and what she sets here and the room does not have yet, which will count. Pure. */

type Content = Readonly<Record<string, unknown>>;

export class Chosen {
  /** As the room has it. */
  said: Content | undefined;
  #going: { id: string; content: Content } | undefined;

  get content(): Content | undefined {
    return this.#going?.content ?? this.said;
  }

  /** On its way from here, under a name of our own. */
  set(id: string, content: Content): void {
    this.#going = { id, content };
  }

  /** The homeserver refused it. */
  drop(id: string): void {
    if (this.#going?.id === id) this.#going = undefined;
  }

  /** The room tells of it; `id`: the name it had on its way, where it went out from here. */
  take(content: Content, id: string | undefined): void {
    this.said = content;
    if (id !== undefined) this.drop(id);
  }
}
