import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MatrixEvent, requestEvent } from '../../appservice/desk/event.ts';
import type { PlacementRow } from '../../appservice/store/placements.ts';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { until } from '../support/guarded.ts';
import { type MatrixBed, type Person, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

beforeAll(async () => {
  bed = await startMatrixBed('dispatch');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

/** An agent in her desk room with one item, as she sees it from any Matrix client. */
type Desk = { agent: Person; room: string; key: string; message: string };

let number = 0;
let desk: Desk;

beforeEach(async () => {
  const localpart = `agent.${String((number += 1))}`;
  const key = await hands.accept(localpart, { title: 'Demande', actions: [{ id: 'valider', label: 'Valider', risk: 'amber' }] });
  const [message] = await hands.messages(localpart, 1);
  const room = await hands.room(`desk:ville-claire:${localpart}`);
  const agent = await bed.signIn(localpart);
  expect((await agent.call('POST', `/rooms/${encodeURIComponent(room)}/join`, {})).status).toBe(200);
  desk = { agent, room, key, message: message?.event_id ?? '' };
});

let txn = 0;

async function send(person: Person, type: string, content: unknown, room = desk.room): Promise<string> {
  const { status, body } = await person.call('PUT', `/rooms/${encodeURIComponent(room)}/send/${type}/t${String((txn += 1))}`, content);
  expect(status).toBe(200);
  return String(body.event_id);
}

const react = (person: Person, key: string, message = desk.message): Promise<string> =>
  send(person, 'm.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: message, key } });

const act = (person: Person, action: string, more: { items?: string[]; input?: Record<string, unknown> } = {}): Promise<string> =>
  send(person, 'fr.ecritoire.action', requestEvent({ items: [desk.message], action, askedAt: Date.now(), ...more }).content);

/** Waits until an event was handled, whatever came of it. */
async function handled(eventId: string): Promise<void> {
  const read = async (): Promise<true | undefined> => {
    const row = await bed.store.selectFrom('work.inbox').select('handled_at').where('event_id', '=', eventId).executeTakeFirst();
    return row?.handled_at == null ? undefined : true;
  };
  expect(await until(read, { everyMs: 50 })).toBe(true);
}

const placement = (): Promise<PlacementRow> =>
  bed.store.selectFrom('work.placements').selectAll().where('key', '=', desk.key).executeTakeFirstOrThrow();
const audits = (subject: string): Promise<{ what: string; who: string }[]> =>
  bed.store.selectFrom('record.audit').select(['what', 'who']).where('subject', '=', subject).execute();

/** The outcome of a request as the room has it, once it is there. */
async function outcome(request: string): Promise<MatrixEvent | undefined> {
  const find = async (): Promise<MatrixEvent | undefined> =>
    (await hands.timeline(desk.room)).find(({ type, content }) => {
      const relation = content['m.relates_to'];
      return (
        type !== 'm.reaction' &&
        typeof relation === 'object' &&
        relation !== null &&
        'event_id' in relation &&
        relation.event_id === request
      );
    });
  return until(find, { everyMs: 100 });
}

async function indicator(): Promise<unknown> {
  await hands.drained();
  return (await hands.state(desk.room, 'fr.ecritoire.tool', 'gta'))?.counts;
}

describe('from another client', () => {
  test('✅ sets the item aside, says that nothing was done at the tool, and taking it back undoes it', async () => {
    const reaction = await react(desk.agent, '✅');
    const said = await outcome(reaction);
    expect(said).toMatchObject({ sender: '@ecritoire_desk:desk.localhost', type: 'm.room.message', content: { msgtype: 'm.notice' } });
    expect(said?.content.body).toBe('Mis de côté chez vous. Rien n’a été fait dans Congés.');
    expect((await placement()).aside_at).not.toBeNull();
    expect(await indicator()).toMatchObject({ open: 0, aside: 1 });
    const redaction = await desk.agent.call('PUT', `/rooms/${encodeURIComponent(desk.room)}/redact/${encodeURIComponent(reaction)}/r1`, {});
    await handled(String(redaction.body.event_id));
    expect((await placement()).aside_at).toBeNull();
    expect(await indicator()).toMatchObject({ open: 1, aside: 0 });
    expect((await audits(reaction)).map(({ what }) => what)).toEqual(['request.confirmed']);
  });

  test('⏰ puts it off to a morning, ↩ brings it back, 👀 is said to nobody', async () => {
    await outcome(await react(desk.agent, '⏰'));
    expect((await placement()).snoozed_until?.getTime()).toBeGreaterThan(Date.now());
    await outcome(await react(desk.agent, '↩️'));
    expect((await placement()).snoozed_until).toBeNull();
    const seen = await react(desk.agent, '👀');
    await handled(seen);
    await hands.drained();
    const related = (await hands.timeline(desk.room)).filter(({ content }) => JSON.stringify(content['m.relates_to'] ?? '').includes(seen));
    expect(related).toEqual([]);
  });
});

describe('typed in any client', () => {
  const type = (body: string, about?: string): Promise<string> => {
    const relation = about === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: about } } };
    return send(desk.agent, 'm.room.message', { msgtype: 'm.text', body, ...relation });
  };
  const said = async (request: string): Promise<unknown> => (await outcome(request))?.content.body;

  test('« fait » sets the answered item aside, « annuler » takes that back', async () => {
    expect(await said(await type('> <@ecritoire_gta:desk.localhost> Demande\n\nFait !', desk.message))).toBe(
      'Mis de côté chez vous. Rien n’a été fait dans Congés.',
    );
    expect((await placement()).aside_at).not.toBeNull();
    const cancel = await type('annuler');
    await handled(cancel);
    expect((await placement()).aside_at).toBeNull();
  });

  test('« reporter » puts it off to the moment that is named, and says which moment cannot be', async () => {
    expect(await said(await type('reporter 31/02', desk.message))).toBe(
      '«\u00a031/02\u00a0» n’existe pas\u00a0: l’objet n’est pas reporté.',
    );
    expect((await placement()).snoozed_until).toBeNull();
    await outcome(await type('reporter demain 9h', desk.message));
    expect((await placement()).snoozed_until?.getTime()).toBeGreaterThan(Date.now());
  });

  test('what she answers to an item and it does not offer is said not to be done', async () => {
    expect(await said(await type('Signé !', desk.message))).toBe(
      'Je ne comprends pas «\u00a0Signé\u00a0» pour cet objet. Rien n’a été fait dans Congés. Vous pouvez répondre\u00a0: «\u00a0valider\u00a0», «\u00a0fait\u00a0», «\u00a0reporter\u00a0», «\u00a0aide\u00a0».',
    );
    expect(await said(await type('oui', desk.message))).toBe(
      'Rien n’attend votre «\u00a0oui\u00a0» pour cet objet. Rien de plus n’est fait dans Congés.',
    );
  });

  test('« épingler » is said, and on what is over nothing is said to come back', async () => {
    expect(await said(await type('épingler', desk.message))).toBe('Épinglé chez vous. Rien n’a été fait dans Congés.');
    await bed.store
      .updateTable('work.placements')
      .set({ state: 'done', content: sql`jsonb_set(content, '{state}', '"done"')` })
      .where('key', '=', desk.key)
      .execute();
    for (const word of ['reporter demain', 'remettre'])
      expect(await said(await type(word, desk.message))).toBe(
        'L’objet est déjà clos\u00a0: il ne reviendra que s’il est rouvert dans Congés. Rien n’a été fait dans Congés.',
      );
    expect(await said(await type('valider', desk.message))).toBe(
      'Demande refusée\u00a0: plus rien n’est attendu pour cet objet. Rien n’a été fait dans Congés.',
    );
  });

  test('« note » keeps what is written, and says when that is more than can be kept', async () => {
    expect(await said(await type('note : rappeler 👩🏽‍⚖️', desk.message))).toBe('Note gardée chez vous. Rien n’a été fait dans Congés.');
    expect(await said(await type(`note ${'é'.repeat(5000)}`, desk.message))).toBe(
      'Note gardée chez vous, mais coupée à 500\u00a0signes. Rien n’a été fait dans Congés.',
    );
    expect((await placement()).note).toBe(`${'é'.repeat(499)}…`);
  });

  test('a word is a request only as the answer to an item; « aide » is answered anywhere; what has to be confirmed is not run', async () => {
    for (const alone of ['fait', 'Reporter lundi 9h', 'reporter 31/02'])
      expect(await said(await type(alone))).toBe('De quel objet parlez-vous\u202f? Répondez à son message. Rien n’a changé.');
    expect(await placement()).toMatchObject({ aside_at: null, snoozed_until: null });
    const help = await type('Aide');
    expect(String(await said(help)).split('\n')).toHaveLength(8);
    expect(await said(help)).toContain('votre dernière décision est reprise');
    expect(await said(await type('Valider', help))).toBe('De quel objet parlez-vous\u202f? Répondez à son message. Rien n’a changé.');
    const talk = await type('Valider cela me paraît tôt', desk.message);
    await handled(talk);
    await hands.drained();
    expect((await hands.timeline(desk.room)).filter(({ content }) => JSON.stringify(content['m.relates_to'] ?? '').includes(talk))).toEqual(
      [],
    );
    expect(await said(await type('valider', desk.message))).toBe(
      'Répondez «\u00a0oui\u00a0» pour valider «\u00a0Demande\u00a0» dans Congés. Sans réponse sous 15\u00a0minutes, rien n’est fait.',
    );
  });
});

test('the help stands pinned in her desk once, however often she comes and acts', async () => {
  await outcome(await react(desk.agent, '✅'));
  await outcome(await react(desk.agent, '↩'));
  await hands.drained();
  const helps = (await hands.timeline(desk.room)).filter(({ content }) =>
    String(content.body).includes('depuis n’importe quel client Matrix'),
  );
  expect(helps).toHaveLength(1);
  expect(helps[0]).toMatchObject({ sender: '@ecritoire_desk:desk.localhost', content: { msgtype: 'm.notice' } });
  expect(await hands.state(desk.room, 'm.room.pinned_events')).toEqual({ pinned: [helps[0]?.event_id] });
});

describe('from the desk page', () => {
  test('setting aside is answered by the bare event, and many items are one request', async () => {
    const second = await hands.accept(desk.agent.mxid.slice(1).split(':')[0] ?? '', { title: 'Autre', connection: 'parapheur' });
    await hands.drained();
    const messages = await hands.messages(desk.agent.mxid.slice(1).split(':')[0] ?? '', 2);
    const items = messages.filter(({ content }) => 'fr.ecritoire.item' in content).map((event) => event.event_id);
    expect(items).toHaveLength(2);
    const request = await act(desk.agent, 'desk.aside', { items });
    expect(await outcome(request)).toMatchObject({ type: 'fr.ecritoire.outcome', content: { outcome: 'confirmed', request } });
    const rows = await bed.store.selectFrom('work.placements').select('aside_at').where('key', 'in', [desk.key, second]).execute();
    expect(rows.every((row) => row.aside_at !== null)).toBe(true);
  });

  test('a note and a pin are kept with the item', async () => {
    await outcome(await act(desk.agent, 'desk.note', { input: { text: 'rappeler Paul' } }));
    await outcome(await act(desk.agent, 'desk.pin'));
    expect(await placement()).toMatchObject({ note: 'rappeler Paul' });
    expect((await placement()).pinned_at).not.toBeNull();
  });

  test('a task of her own comes as an item, is ended there, and either is taken back by redacting the request', async () => {
    const redact = (eventId: string) =>
      desk.agent.call('PUT', `/rooms/${encodeURIComponent(desk.room)}/redact/${encodeURIComponent(eventId)}/k${String((txn += 1))}`, {});
    const task = async (request: string, state: string) => {
      const read = async () =>
        (await hands.timeline(desk.room)).findLast(({ content }) => {
          const said = JSON.stringify(content['m.new_content'] ?? content);
          return said.includes(`"key":"tache:tache:${request}"`) && said.includes(`"state":"${state}"`);
        });
      return until(read, { everyMs: 100 });
    };
    const make = (input: Record<string, unknown>) => act(desk.agent, 'desk.task', { items: [], input });
    const request = await make({ title: 'Rappeler la préfecture', dueAt: '2031-02-28' });
    const message = await task(request, 'todo');
    expect(message?.sender).toBe('@ecritoire_tache:desk.localhost');
    expect(String(message?.content.body)).toContain('À traiter dans Mes tâches\u00a0: Rappeler la préfecture');
    const end = await act(desk.agent, 'terminer', { items: [message?.event_id ?? ''] });
    expect((await outcome(end))?.content).toMatchObject({ outcome: 'confirmed' });
    expect(await task(request, 'done')).toBeDefined();
    const pin = await act(desk.agent, 'desk.pin', { items: [message?.event_id ?? ''] });
    await outcome(pin);
    await handled(String((await redact(pin)).body.event_id));
    const shown = () =>
      bed.store
        .selectFrom('work.placements')
        .select(['state', 'pinned_at'])
        .where('event_id', '=', message?.event_id ?? '')
        .execute();
    expect(await shown()).toEqual([{ state: 'done', pinned_at: null }]); // what is no longer pinned is not open again
    await redact(end);
    await hands.drained();
    await redact(request);
    expect(await task(request, 'cancelled')).toBeDefined();
    const bad = await make({ title: ' ', dueAt: '2031-02-31' });
    expect((await outcome(bad))?.content.body).toContain('il lui faut un titre');
  });

  test('only what an action asks for is kept of what was given, for its tool', async () => {
    await outcome(await act(desk.agent, 'valider', { input: { valider: { nested: true }, motif: 'x' } }));
    const kept = await bed.store.selectFrom('record.acts').select('input').where('item', '=', desk.message).execute();
    expect(kept).toEqual([{ input: {} }]);
  });

  test('an action of the tool is refused with a sentence, never pretended', async () => {
    const request = await act(desk.agent, 'valider');
    const said = await outcome(request);
    expect(said?.content['fr.ecritoire.outcome']).toMatchObject({ outcome: 'refused', request });
    expect(said?.content.body).toBe('Cette action se fait dans Congés même\u00a0: ouvrez-y l’objet. Rien n’y a été fait d’ici.');
    expect((await placement()).content.state).toBe('todo');
  });

  test.each([
    ['an action that the item does not offer', () => act(desk.agent, 'supprimer')],
    ['an item that is none', () => act(desk.agent, 'desk.aside', { items: ['$nowhere'] })],
    ['putting off to a day that is none', () => act(desk.agent, 'desk.snooze', { input: { until: '2027-02-31' } })],
    ['a request that cannot be read', () => send(desk.agent, 'fr.ecritoire.action', { v: 1, items: 'all', action: 42 })],
  ])('%s is refused with a sentence and changes nothing', async (_said, ask) => {
    const request = await ask();
    expect((await outcome(request))?.content).toMatchObject({ 'fr.ecritoire.outcome': { outcome: 'refused', request } });
    expect(await placement()).toMatchObject({ aside_at: null, seen_at: null, snoozed_until: null });
    expect((await audits(request)).map(({ what }) => what)).toEqual(['request.refused']);
  });
});

describe('what is forged', () => {
  /** Another member of the desk room: the desk bot alone can invite her. */
  async function otherMember(): Promise<Person> {
    const other = await bed.signIn('intrus');
    await hands.matrix.invite(desk.room, other.mxid);
    expect((await other.call('POST', `/rooms/${encodeURIComponent(desk.room)}/join`, {})).status).toBe(200);
    return other;
  }

  test('by another member changes nothing, is said to be refused and stands in the audit', async () => {
    const other = await otherMember();
    const requests = [await react(other, '✅'), await act(other, 'desk.aside'), await send(other, 'fr.ecritoire.action', { v: 9 })];
    for (const request of requests) {
      await handled(request);
      expect(await audits(request)).toEqual([{ what: 'request.forged', who: other.mxid }]);
    }
    expect(await placement()).toMatchObject({ aside_at: null, seen_at: null });
    const answer = { 'm.relates_to': { 'm.in_reply_to': { event_id: desk.message } } };
    requests.push(await send(other, 'm.room.message', { msgtype: 'm.text', body: 'valider', ...answer }));
    for (const request of requests)
      expect((await outcome(request))?.content).toMatchObject({
        body: 'Demande refusée\u00a0: seule la personne dont c’est le bureau peut agir ici. Rien n’a été fait.',
        'fr.ecritoire.outcome': { outcome: 'refused', request },
      });
  });

  test('by another member who only talks is nothing', async () => {
    const other = await otherMember();
    const own = await send(other, 'm.room.message', { msgtype: 'm.text', body: 'Bonjour' });
    for (const said of [own, await send(other, 'm.room.message', { msgtype: 'm.text', body: 'oui' }), await react(other, '✅', own)])
      await handled(said);
    await hands.drained();
    expect((await hands.timeline(desk.room)).filter(({ content }) => 'fr.ecritoire.outcome' in content)).toEqual([]);
  });

  test('as an item of her own in her own desk is no item', async () => {
    const { content } = (await hands.timeline(desk.room)).find((event) => event.event_id === desk.message) ?? { content: {} };
    const copy = await send(desk.agent, 'm.room.message', content);
    const request = await act(desk.agent, 'desk.aside', { items: [copy] });
    expect((await outcome(request))?.content['fr.ecritoire.outcome']).toMatchObject({ outcome: 'refused' });
    expect((await placement()).aside_at).toBeNull();
  });

  test('about an item of another desk, or in a room that is no desk, changes nothing', async () => {
    const mine = desk;
    const elsewhere = await desk.agent.call('POST', '/createRoom', { invite: ['@ecritoire_gta:desk.localhost'] });
    await hands.matrix.client.call('POST', `/_matrix/client/v3/join/${encodeURIComponent(String(elsewhere.body.room_id))}`, {
      as: '@ecritoire_gta:desk.localhost',
      body: {},
    });
    const request = await send(
      mine.agent,
      'fr.ecritoire.action',
      requestEvent({ items: [mine.message], action: 'desk.aside', askedAt: Date.now() }).content,
      String(elsewhere.body.room_id),
    );
    await handled(request);
    expect(await audits(request)).toEqual([{ what: 'request.forged', who: mine.agent.mxid }]);
    expect((await placement()).aside_at).toBeNull();
  });

  test('by redacting another’s request changes nothing', async () => {
    const reaction = await react(desk.agent, '✅');
    await outcome(reaction);
    const other = await otherMember();
    const { status } = await other.call(
      'PUT',
      `/rooms/${encodeURIComponent(desk.room)}/redact/${encodeURIComponent(reaction)}/r${String(txn)}`,
      {},
    );
    expect(status).toBe(403);
    expect((await placement()).aside_at).not.toBeNull();
  });
});

describe('killed', () => {
  test.each(['inbox.stored', 'inbox.judged', 'inbox.handled'])(
    'at %s, it answers a request exactly once after the next start',
    async (step) => {
      // Everything before it is handled, so that the next event stored is the request.
      await handled(await react(desk.agent, '👀'));
      await appservice.stop();
      const reaction = await react(desk.agent, '✅');
      const killed = await startAppservice(bed, { killAt: step });
      try {
        expect(await killed.ended()).toBe('SIGKILL');
        appservice = await startAppservice(bed);
        await appservice.ready();
        expect(await outcome(reaction)).toBeDefined();
        await hands.drained();
        const said = (await hands.timeline(desk.room)).filter(({ content }) => 'fr.ecritoire.outcome' in content);
        expect(said).toHaveLength(1);
        expect(await bed.store.selectFrom('record.requests').select('event_id').where('event_id', '=', reaction).execute()).toHaveLength(1);
        expect((await placement()).aside_at).not.toBeNull();
      } finally {
        await killed.kill();
      }
    },
  );
});
