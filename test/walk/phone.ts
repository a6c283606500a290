/** The same person at another Matrix client: she reacts, answers and talks in her desk room, and takes some of it back. */
import { bodyOf, OtherClient } from '../support/other-client.ts';
import type { Started } from '../support/started.ts';
import { pick, type Random } from '../support/town/random.ts';

const REACTIONS = ['✅', '👀', '⏰', '↩', '👍'];
const WORDS = [
  ...['fait', 'mettre de côté', 'mettre de cote', 'vu', 'remettre', 'épingler', 'note Rappeler le service', 'aide', 'bonjour'],
  ...['reporter lundi 9h', 'reporter demain', 'reporter à demain 8h30', 'reporter 31/02', 'reporter jusqu’à ce que ça bouge'],
  ...['prendre', 'valider', 'valider c’est bon', 'annuler', 'oui', 'non'],
];
const LATEST = 60; // messages, of which one is answered

export class Phone {
  readonly #client: OtherClient;
  readonly #room: string;
  readonly #sent: string[] = [];

  private constructor(client: OtherClient, room: string) {
    this.#client = client;
    this.#room = room;
  }

  static async open(trial: Started, login: string): Promise<Phone> {
    const client = await OtherClient.open(trial, login);
    return new Phone(client, await client.deskRoom());
  }

  close(): void {
    this.#client.close();
  }

  /** One thing, said in a few words. */
  async act(random: Random): Promise<string> {
    const last = random() < 0.1 ? this.#sent.pop() : undefined;
    if (last !== undefined) {
      await this.#client.client.redactEvent(this.#room, last);
      return 'another client takes back what it said';
    }
    const messages = this.#messages();
    const about = messages.length === 0 || random() < 0.15 ? undefined : pick(messages, random);
    if (about !== undefined && random() < 0.4) {
      const key = pick(REACTIONS, random);
      this.#sent.push(await this.#client.react(this.#room, about, key));
      return `another client reacts with ${key}`;
    }
    const body = pick(WORDS, random);
    const answers = about === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: about } } };
    this.#sent.push(await this.#client.send(this.#room, 'm.room.message', { msgtype: 'm.text', body, ...answers }));
    return `another client ${about === undefined ? 'says' : 'answers'} « ${body} »`;
  }

  #messages(): string[] {
    const events = this.#client.events(this.#room).filter((event) => event.getType() === 'm.room.message' && bodyOf(event) !== '');
    return events.slice(-LATEST).flatMap((event) => event.getId() ?? []);
  }
}
