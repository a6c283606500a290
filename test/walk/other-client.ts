/** Another Matrix client of the same person: she reacts, answers and talks in her desk room, and takes some of it back. */
import { z } from 'zod';
import type { Started } from '../support/started.ts';
import { pick, type Random } from '../support/town/random.ts';

const REACTIONS = ['✅', '👀', '⏰', '↩', '👍'];
const WORDS = [
  ...['fait', 'mettre de côté', 'mettre de cote', 'vu', 'remettre', 'épingler', 'note Rappeler le service', 'aide', 'bonjour'],
  ...['reporter lundi 9h', 'reporter demain', 'reporter à demain 8h30', 'reporter 31/02', 'reporter jusqu’à ce que ça bouge'],
  ...['prendre', 'valider', 'valider c’est bon', 'annuler', 'oui', 'non'],
];
const LATEST = 60; // messages, of which one is answered

const Said = z.object({ event_id: z.optional(z.string()) });
const Timeline = z.object({
  chunk: z.array(z.object({ event_id: z.string(), type: z.string(), content: z.looseObject({ body: z.optional(z.string()) }) })),
});

export class OtherClient {
  readonly #homeserver: string;
  readonly #token: string;
  readonly #room: string;
  readonly #sent: string[] = [];
  #count = 0;

  private constructor(homeserver: string, token: string, room: string) {
    this.#homeserver = homeserver;
    this.#token = token;
    this.#room = encodeURIComponent(room);
  }

  static async open(trial: Started, login: string): Promise<OtherClient> {
    const { accessToken, userId } = await trial.matrixLogin(login);
    const alias = encodeURIComponent(`#desk_ville-claire_${login}:${userId.slice(userId.indexOf(':') + 1)}`);
    const found = await fetch(`${trial.run.homeserver}/_matrix/client/v3/directory/room/${alias}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const { room_id } = z.object({ room_id: z.string() }).parse(await found.json());
    return new OtherClient(trial.run.homeserver, accessToken, room_id);
  }

  /** One thing, said in a few words. */
  async act(random: Random): Promise<string> {
    const last = random() < 0.1 ? this.#sent.pop() : undefined;
    if (last !== undefined) {
      await this.#put(`redact/${encodeURIComponent(last)}`, {});
      return 'another client takes back what it said';
    }
    const messages = await this.#messages();
    const about = messages.length === 0 || random() < 0.15 ? undefined : pick(messages, random);
    if (about !== undefined && random() < 0.4) {
      const key = pick(REACTIONS, random);
      await this.#send('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: about, key } });
      return `another client reacts with ${key}`;
    }
    const body = pick(WORDS, random);
    const answers = about === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: about } } };
    await this.#send('m.room.message', { msgtype: 'm.text', body, ...answers });
    return `another client ${about === undefined ? 'says' : 'answers'} « ${body} »`;
  }

  async #messages(): Promise<string[]> {
    const answer = await fetch(`${this.#homeserver}/_matrix/client/v3/rooms/${this.#room}/messages?dir=b&limit=${String(LATEST)}`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    const { chunk } = Timeline.parse(await answer.json());
    return chunk.filter(({ type, content }) => type === 'm.room.message' && content.body !== undefined).map(({ event_id }) => event_id);
  }

  async #send(type: string, content: object): Promise<void> {
    const { event_id } = Said.parse(await this.#put(`send/${type}`, content));
    if (event_id !== undefined) this.#sent.push(event_id);
  }

  async #put(path: string, content: object): Promise<unknown> {
    this.#count += 1;
    const answer = await fetch(`${this.#homeserver}/_matrix/client/v3/rooms/${this.#room}/${path}/walk-${String(this.#count)}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      body: JSON.stringify(content),
    });
    return answer.json();
  }
}
