/**
 * A plain Matrix client as the agent's only screen: what she reads there, what her reactions do, and that nobody's word but
 * the tool's bot's and her own counts. The desk is looked at as the web draws it, without a browser.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../support/guarded.ts';
import type { Jar } from '../support/jar.ts';
import { bodyOf, OtherClient } from '../support/other-client.ts';
import { type Started, startTrial, upsert } from '../support/started.ts';

const CLAIRE = 'claire.morel';
const SEEN = { timeout: PATIENCE_MS, interval: 250 };

let trial: Started;
let jar: Jar;
let phone: OtherClient;
let room: string;
beforeAll(async () => {
  trial = await startTrial();
  jar = await trial.signIn(CLAIRE);
  phone = await OtherClient.open(trial, CLAIRE);
  room = await phone.deskRoom();
});
afterAll(async () => {
  phone.close();
  await trial.stop();
});

async function post(title: string, item: Record<string, unknown> = {}, { connection = 'gta', reason = 'valideuse' } = {}): Promise<void> {
  const answer = await trial.post(connection, upsert(CLAIRE, { key: title, title, ...item }, { reason }));
  expect(answer.status, await answer.clone().text()).toBe(202);
}

/** The titles of the rows that the web draws now, from nothing but the rooms. */
async function drawn(): Promise<string[]> {
  const html = await (await jar.get(`${trial.run.web}/`)).text();
  const links = [...html.matchAll(/<a\b[^>]*\bdata-row\b[^>]*>([^]*?)<\/a>/g)].map(([, inside = '']) => inside);
  return links.map((inside) => inside.replaceAll(/<span class="sr">[^]*?<\/span>|<[^>]*>/g, '').trim());
}
const isListed = (title: string) => expect.poll(drawn, SEEN).toContain(title);
const isNotListed = (title: string) => expect.poll(drawn, SEEN).not.toContain(title);

/** The notice that the desk bot wrote about a request. */
const outcomeOf = (request: string) =>
  phone.event(
    room,
    (event) =>
      event.getType() === 'm.room.message' &&
      (event.getContent()['fr.ecritoire.outcome'] as { request?: string } | undefined)?.request === request,
    `the outcome of ${request}`,
  );

describe('an item', () => {
  it('reads in French: what, what it is about, who asks, why me, until when, and the link', async () => {
    const by = [{ role: 'by', name: 'Paul Vidal' }];
    const dueAt = '2031-11-27';
    await post('Bon de commande 4021', {
      summary: 'Enrobé à froid, 12 tonnes',
      people: by,
      dueAt,
      url: 'https://gta.ville-claire.example/bc/4021',
    });
    const message = await phone.item(room, 'Bon de commande 4021');
    expect(bodyOf(message).split('\n')).toEqual([
      'À traiter dans Congés\u00a0: Bon de commande 4021',
      'Enrobé à froid, 12 tonnes',
      expect.stringMatching(/^Demandé par Paul Vidal · vous êtes valideuse · au plus tard .*27 novembre 2031/),
      'https://gta.ville-claire.example/bc/4021',
    ]);
    expect(message.getContent()['m.mentions'] ?? {}).not.toHaveProperty('user_ids');
  });

  it('that is urgent mentions her; one that only informs is a notice', async () => {
    await post('Arrêté à signer ce soir', { severity: 'urgent' });
    expect((await phone.item(room, 'Arrêté à signer ce soir')).getContent()).toMatchObject({
      'm.mentions': { user_ids: ['@claire.morel:desk.localhost'] },
    });
    await post('Compteur remis à zéro', { severity: 'info' });
    expect((await phone.item(room, 'Compteur remis à zéro')).getContent()['msgtype']).toBe('m.notice');
  });

  it('is edited in place as it moves, and says so when it is over', async () => {
    await post('Congé de Marc');
    const before = await phone.item(room, 'Congé de Marc');
    await post('Congé de Marc', { title: 'Congé de Marc, prolongé' });
    await phone.item(room, 'Congé de Marc, prolongé');
    expect((await trial.post('gta', { op: 'close', item: { key: 'Congé de Marc' } })).status).toBe(202);
    const closed = await phone.item(room, 'Terminé dans Congés\u00a0: Congé de Marc, prolongé');
    expect(closed.getId()).toBe(before.getId());
    expect(phone.events(room).filter((event) => bodyOf(event).includes('Congé de Marc') && !event.isRelation('m.replace'))).toHaveLength(1);
    await isNotListed('Congé de Marc, prolongé');
  });
});

describe('a reaction', () => {
  it.each([
    ['✅', 'with ✅', 'Mis de côté chez vous. Rien n’a été fait dans Congés.'],
    ['✅\ufe0f', 'with ✅ and a variation selector', 'Mis de côté chez vous. Rien n’a été fait dans Congés.'],
    ['⏰', 'with ⏰', /^Reviendra .+ Rien n’a été fait dans Congés\.$/],
  ])('%j takes the item off the list, says what was not done at the tool, and removing it undoes it', async (key, how, said) => {
    const title = `Demande à ranger ${how}`;
    await post(title);
    const message = await phone.item(room, title);
    await isListed(title);
    const reaction = await phone.react(room, message.getId() ?? '', key);
    const outcome = await outcomeOf(reaction);
    expect(bodyOf(outcome)).toMatch(said);
    expect(outcome.getSender()).toBe('@ecritoire_desk:desk.localhost');
    expect(outcome.getContent()['msgtype']).toBe('m.notice');
    await isNotListed(title);
    await phone.client.redactEvent(room, reaction);
    await isListed(title);
  });

  it('↩ restores what ✅ set aside', async () => {
    await post('Demande à reprendre');
    const message = await phone.item(room, 'Demande à reprendre');
    await isListed('Demande à reprendre');
    await outcomeOf(await phone.react(room, message.getId() ?? '', '✅'));
    await isNotListed('Demande à reprendre');
    const restored = await outcomeOf(await phone.react(room, message.getId() ?? '', '↩️'));
    expect(bodyOf(restored)).toBe('Remis dans votre liste. Rien n’a été fait dans Congés.');
    await isListed('Demande à reprendre');
  });

  it('✅ holds until the object moves: then it is back on the desk, and its tool counts it again', async () => {
    const [title, astre] = ['Facture incomplète', { connection: 'astre' }];
    await post(title, { revision: 1 }, astre);
    const message = await phone.item(room, title);
    const counts = async (): Promise<unknown> => {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/fr.ecritoire.tool/astre`;
      const headers = { authorization: `Bearer ${phone.client.getAccessToken() ?? ''}` };
      return ((await (await fetch(trial.run.homeserver + path, { headers })).json()) as { counts?: unknown }).counts;
    };
    await outcomeOf(await phone.react(room, message.getId() ?? '', '✅'));
    await isNotListed(title);
    await expect.poll(counts, SEEN).toMatchObject({ open: 0, aside: 1 });
    await post(title, { revision: 2, summary: 'La pièce manquante est là' }, astre);
    await isListed(title);
    await expect.poll(counts, SEEN).toMatchObject({ open: 1, aside: 0 });
  });

  it('👀 means seen, which changes no list', async () => {
    await post('Demande à regarder');
    const message = await phone.item(room, 'Demande à regarder');
    await isListed('Demande à regarder');
    const isNew = async () =>
      (await (await jar.get(`${trial.run.web}/`)).text())
        .match(new RegExp(`<article[^>]*data-event="[^"]*${(message.getId() ?? '').slice(1)}"[^>]*>`))?.[0]
        .includes(' new');
    await expect.poll(isNew, SEEN).toBe(true);
    await phone.react(room, message.getId() ?? '', '👀');
    await expect.poll(isNew, SEEN).toBe(false);
    await isListed('Demande à regarder');
  });

  it('on something that is no item, or of no meaning here, does nothing', async () => {
    await post('Demande aimée');
    const message = await phone.item(room, 'Demande aimée');
    await phone.react(room, message.getId() ?? '', '👍');
    const { event_id: own } = await phone.client.sendTextMessage(room, 'Une note pour moi');
    await phone.react(room, own, '✅');
    await post('Demande suivante');
    await isListed('Demande suivante');
    await isListed('Demande aimée');
  });
});

describe('a forgery by the agent herself', () => {
  it('of an item is not on her desk, nor of an edit', async () => {
    await post('Demande véritable');
    const real = await phone.item(room, 'Demande véritable');
    const placement = {
      ...(real.getContent()['fr.ecritoire.item'] as Record<string, unknown>),
      title: 'Virement à valider',
      revision: 9_000_000_000_000_000,
    };
    const forged = { msgtype: 'm.text', body: 'Virement à valider', 'fr.ecritoire.item': placement };
    await phone.send(room, 'm.room.message', forged);
    const edit = { 'm.new_content': forged, 'm.relates_to': { rel_type: 'm.replace', event_id: real.getId() } };
    await phone.send(room, 'm.room.message', { ...forged, ...edit });
    await post('Demande d’après');
    await isListed('Demande d’après');
    expect(await drawn()).toContain('Demande véritable');
    expect(await drawn()).not.toContain('Virement à valider');
  });

  it('of a tool’s numbers is refused by the homeserver', async () => {
    await expect(phone.sendState(room, 'fr.ecritoire.tool', 'gta', { v: 1 })).rejects.toMatchObject({ errcode: 'M_FORBIDDEN' });
  });
});

it('her second phone is another device with the same desk', async () => {
  const second = await OtherClient.open(trial, CLAIRE);
  try {
    expect(second.client.getDeviceId()).not.toBe(phone.client.getDeviceId());
    await post('Demande pour deux appareils');
    await second.item(room, 'Demande pour deux appareils');
  } finally {
    second.close();
  }
});
