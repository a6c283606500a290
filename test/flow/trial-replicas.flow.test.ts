/** `npm start -- --replicas 3` as a whole: tools post on while replicas are killed, and everything arrives once. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MatrixEvent } from '../../appservice/desk/event.ts';
import { pause, until } from '../support/guarded.ts';
import { startTrial, type Started, upsert } from '../support/started.ts';

const AGENTS = ['claire.morel', 'paul.vidal', 'nadia.benali', 'marc.roche'];
const REPLICAS = ['appservice', 'appservice-2', 'appservice-3'];

let trial: Started;
beforeAll(async () => {
  trial = await startTrial({ args: ['--replicas', '3'] });
});
afterAll(() => trial.stop());

/** Posts one item after the other, each until it is taken as HOOKS.md asks, while `isGoingOn`; answers their titles. */
async function postOn(login: string, isGoingOn: () => boolean): Promise<string[]> {
  const titles: string[] = [];
  while (isGoingOn()) {
    const title = `Objet ${String(titles.length + 1)}`;
    const same = { id: randomUUID(), time: new Date().toISOString() };
    const attempt = async (): Promise<true | undefined> => {
      const answer = await trial.post('gta', upsert(login, { key: `${login}/${title}`, title }), same).catch(() => undefined);
      return answer?.status === 202 ? true : undefined;
    };
    if ((await until(attempt, { everyMs: 100 })) === undefined) throw new Error(`${login}: ${title} was not taken`);
    titles.push(title);
    await pause(150);
  }
  return titles;
}

/** Asks the homeserver as the desk bot, who is in every desk room. */
async function ask<T>(path: string): Promise<T> {
  const { as_token } = JSON.parse(await readFile(trial.run.registration, 'utf8')) as { as_token: string };
  const answer = await fetch(`${trial.run.homeserver}/_matrix/client/v3${path}`, { headers: { authorization: `Bearer ${as_token}` } });
  return (await answer.json()) as T;
}

/** The titles of the messages in an agent's desk room, as they came. */
async function titlesOf(login: string): Promise<string[]> {
  const server = trial.run.people[0]?.mxid.split(':')[1] ?? '';
  const alias = encodeURIComponent(`#desk_ville-claire_${login}:${server}`);
  const { room_id } = await ask<{ room_id: string }>(`/directory/room/${alias}`);
  const { chunk } = await ask<{ chunk: MatrixEvent[] }>(`/rooms/${encodeURIComponent(room_id)}/messages?dir=f&limit=1000`);
  return chunk.flatMap(({ content }) => /"title":"(Objet \d+)"/.exec(JSON.stringify(content['fr.ecritoire.item'] ?? {}))?.[1] ?? []);
}

const killed = async (...names: string[]): Promise<void> => {
  for (const name of names) await trial.kill(name);
  await trial.waitFor(({ ready }) => !ready);
  await trial.waitFor(({ ready }) => ready);
};

test('one replica is killed, then two at once, while tools post: everything arrives once and in order', async () => {
  expect(trial.run.parts.map(({ name }) => name)).toEqual(expect.arrayContaining(REPLICAS));
  let isOver = false;
  const posting = Promise.all(AGENTS.map((login) => postOn(login, () => !isOver)));
  await pause(1000);
  await killed('appservice-2');
  await killed('appservice', 'appservice-3');
  await pause(1000);
  isOver = true;
  const posted = await posting;
  for (const [index, titles] of posted.entries()) {
    const login = AGENTS[index] ?? '';
    expect(titles.length).toBeGreaterThan(20);
    await until(async () => ((await titlesOf(login)).length >= titles.length ? true : undefined), { everyMs: 200 });
    expect(await titlesOf(login)).toEqual(titles);
  }
});
