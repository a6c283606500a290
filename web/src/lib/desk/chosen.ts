/** What she has set, as the room has it; and what she changes here and the room does not have yet, which will count. Pure. */

type Content = Readonly<Record<string, unknown>>;

export class Chosen {
  /** As the room has it. */
  said: Content | undefined;
  #going: readonly { id: string; change: Content }[] = [];

  get content(): Content | undefined {
    return this.#going.length === 0 ? this.said : merged(this.said, this.#going);
  }

  /** What holds where it arrives: all that another screen has set meanwhile (`said`), and what she changed here before it. */
  before(id: string, said = this.said): Content {
    const at = this.#going.findIndex((one) => one.id === id);
    return merged(said, this.#going.slice(0, Math.max(0, at)));
  }

  /** On its way from here, under a name of our own. */
  set(id: string, change: Content): void {
    this.#going = [...this.#going, { id, change }];
  }

  /** The homeserver refused it. */
  drop(id: string): void {
    this.#going = this.#going.filter((one) => one.id !== id);
  }

  /** The room tells of it; `id`: the name it had on its way, where it went out from here. */
  take(content: Content, id: string | undefined): void {
    this.said = content;
    if (id !== undefined) this.drop(id);
  }
}

const merged = (said: Content | undefined, going: readonly { change: Content }[]): Content =>
  going.reduce((content, { change }) => ({ ...content, ...change }), said ?? {});
