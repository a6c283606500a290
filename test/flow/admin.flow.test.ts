import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MatrixEvent } from '../../appservice/desk/event.ts';
import { keepRejected } from '../../appservice/store/rejected.ts';
import { enqueue, noticeRow } from '../../appservice/store/outbox.ts';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { until } from '../support/guarded.ts';
import { type Addressee, type HookEvent, postEvents } from '../support/hook.ts';
import { type MatrixBed, type Person, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;
/** An admin of Ville-Claire, someone who is only in the room, and who runs the platform (of Rivebelle). */
let marc: Person;
let claire: Person;
let paola: Person;
let town: string;
let platform: string;

beforeAll(async () => {
  bed = await startMatrixBed('admin');
  await nameAdmins();
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
  [town, platform] = [await hands.room('admin:ville-claire'), await hands.room('platform')];
  [marc, claire, paola] = [await bed.signIn('marc.roche'), await bed.signIn('claire.morel'), await bed.signIn('paola.costa')];
  await hands.matrix.invite(town, claire.mxid);
  await joined([
    [marc, town],
    [claire, town],
    [paola, platform],
  ]);
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

/** The bed's configuration with a platform's admin who belongs to the other town. */
async function nameAdmins(): Promise<void> {
  const config = JSON.parse(await readFile(bed.config.file, 'utf8')) as { people: object[] } & Record<string, unknown>;
  const paola = { name: 'Paola Costa', mail: 'paola.costa@rivebelle.example', organisations: ['rivebelle'] };
  const changed = { ...config, admins: [paola.mail], people: [...config.people, paola] };
  await writeFile(bed.config.file, JSON.stringify(changed), { mode: 0o600 });
}

async function joined(pairs: [Person, string][]): Promise<void> {
  for (const [person, room] of pairs) {
    const join = async (): Promise<true | undefined> => {
      const { status } = await person.call('POST', `/rooms/${encodeURIComponent(room)}/join`, {});
      return status === 200 ? true : undefined;
    };
    expect(await until(join, { everyMs: 200 })).toBe(true);
  }
}

let txn = 0;

async function send(person: Person, room: string, content: Record<string, unknown>): Promise<string> {
  const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message/a${String((txn += 1))}`;
  const { status, body } = await person.call('PUT', path, content);
  expect(status).toBe(200);
  return String(body.event_id);
}

const write = (person: Person, room: string, body: string): Promise<string> => send(person, room, { msgtype: 'm.text', body });

async function answersTo(room: string, eventId: string): Promise<MatrixEvent[]> {
  const events = await hands.timeline(room);
  return events.filter(({ content }) =>
    JSON.stringify(content['m.relates_to'] ?? '').includes(`"m.in_reply_to":{"event_id":"${eventId}"}`),
  );
}

async function rawAnswer(room: string, eventId: string): Promise<string> {
  const found = await until(async () => (await answersTo(room, eventId))[0], { everyMs: 100 });
  expect(found).toMatchObject({ sender: '@ecritoire_desk:desk.localhost', content: { msgtype: 'm.notice', 'm.mentions': {} } });
  return String(found?.content.body);
}

/** The answer to a command, with plain spaces. */
const answer = async (room: string, eventId: string): Promise<string> =>
  (await rawAnswer(room, eventId)).replaceAll(/[\u00a0\u202f]/g, ' ');

const raw = async (person: Person, room: string, body: string): Promise<string> => rawAnswer(room, await write(person, room, body));
const ask = async (person: Person, room: string, body: string): Promise<string> => answer(room, await write(person, room, body));

async function handled(eventId: string): Promise<void> {
  const read = async (): Promise<true | undefined> => {
    const row = await bed.store.selectFrom('work.inbox').select('handled_at').where('event_id', '=', eventId).executeTakeFirst();
    return row?.handled_at == null ? undefined : true;
  };
  expect(await until(read, { everyMs: 50 })).toBe(true);
}

const audits = (subject: string): Promise<{ who: string; organisation: string | null; details: Record<string, unknown> }[]> =>
  bed.store
    .selectFrom('record.audit')
    .select(['who', 'organisation', 'details'])
    .where('subject', '=', subject)
    .where('what', '=', 'admin.command')
    .execute();

/** A signed body as the door gets it. */
const event = (id: string, to: Addressee[], title = 'Demande de congé'): HookEvent => ({
  specversion: '1.0',
  id,
  source: 'urn:essai',
  type: 'fr.collectivite.conge',
  time: new Date().toISOString(),
  data: { op: 'upsert', to, item: { key: id, title } },
});

async function post(connection: string, body: HookEvent): Promise<number> {
  const secret = bed.config.connections.find(({ id }) => id === connection)?.secrets[0] ?? '';
  const { status } = await postEvents({ url: `${bed.config.appservice.url}/hooks/${connection}`, secret }, body);
  return status;
}

/** Keeps a body aside as if the door had once refused it: read again now, it is good. */
async function keepAside(connection: string, body: unknown): Promise<void> {
  await keepRejected(bed.store, bed.config.appservice.recordKey, {
    connection,
    body: Buffer.from(JSON.stringify(body)),
    reason: [{ pointer: '/data/item/title', detail: 'il manque' }],
  });
}

describe('the admin of an organisation', () => {
  test('is told the commands, and each in detail', async () => {
    expect(await ask(marc, town, 'Aide')).toMatch(/^état – .*\nrejets – .*\(lister, montrer, rejouer\)\nattente – /);
    expect(await ask(marc, town, '!aide rejets')).toContain('rejets rejouer <n | tout> – ');
    expect(await ask(marc, town, 'aide')).not.toContain('registration');
  });

  test('is told how everything is, of her organisation alone, however she writes it', async () => {
    expect(await post('gta', event('etat-1', [{ mail: 'claire.morel@ville-claire.example' }]))).toBe(202);
    const said = await ask(marc, town, '@ecritoire_desk:desk.localhost ETAT');
    expect(said).toMatch(/^Ville-Claire, \w+ \d/);
    expect(said).toContain('✓ serveur Matrix : répond');
    expect(said).toContain('✓ service applicatif : répond');
    expect(said).toContain('✗ bureau (web) : ne répond pas');
    expect(said).toMatch(/Congés \(gta\) : (reliée|démarrage), dernier envoi /);
    expect(said).toContain('○ i-Parapheur (parapheur) : démarrage, rien reçu encore');
    expect(said).not.toContain('rivebelle');
    expect(said.length).toBeLessThan(1000);
  });

  test('lists, is shown and replays a rejected body once, and the item is in its desk', async () => {
    expect(await post('gta', { ...event('perdu', []), data: {} })).toBe(400);
    await keepAside('gta', event('repris', [{ mail: 'claire.morel@ville-claire.example' }], 'Congé repris'));
    await keepAside('rivebelle-gta', event('autre', []));
    const list = await ask(marc, town, 'rejets');
    expect(list).toMatch(/^Rejets : 2\nn° \d+ · Congés · /);
    expect(list).not.toMatch(/Congé repris|etat-1|urn:essai/);
    const number = /n° (\d+) · Congés · [^\n]* · il manque/.exec(list)?.[1] ?? '';
    expect(await ask(marc, town, `rejets montrer ${number}`)).toContain('– /data/item/title il manque');
    const replay = await write(marc, town, `Rejets rejouer « ${number} »`);
    expect(await answer(town, replay)).toBe('1 dépôt repris. 1 événement accepté.');
    expect((await hands.messages('claire.morel', 2)).some(({ content }) => String(content.body).includes('Congé repris'))).toBe(true);
    expect(await ask(marc, town, `rejets rejouer ${number}`)).toMatch(/^Déjà repris .* Rien de plus n’a été fait\.$/);
    expect(await audits(replay)).toEqual([
      {
        who: marc.mxid,
        organisation: 'ville-claire',
        details: { command: 'rejets', verb: 'rejouer', target: Number(number), replayed: 1, result: 'done' },
      },
    ]);
    expect(await ask(marc, town, 'rejets rejouer tout')).toBe('Rien n’a pu être repris. 1 dépôt reste de côté.');
  });

  test('sees nothing of another organisation, by number either', async () => {
    const row = await bed.store
      .selectFrom('record.rejected')
      .select('number')
      .where('connection', '=', 'rivebelle-gta')
      .executeTakeFirstOrThrow();
    for (const verb of ['montrer', 'rejouer']) {
      expect(await ask(marc, town, `rejets ${verb} ${row.number}`)).toBe(`Il n’y a pas de n° ${row.number} ici. Rien n’a été fait.`);
    }
  });

  test('gives what waits to a person who is known by now', async () => {
    expect(await post('gta', event('pour-nadia', [{ mail: 'nadia.benali@ville-claire.example' }], 'Congé de Nadia'))).toBe(202);
    const list = await ask(marc, town, 'attente');
    expect(list).toMatch(/^En attente d’une personne : 1\nn° \d+ · Congés · /);
    expect(list).not.toMatch(/nadia/i);
    const number = /n° (\d+)/.exec(list)?.[1] ?? '';
    expect(await ask(marc, town, `attente montrer ${number}`)).toContain('Objet : « Congé de Nadia »');
    expect(await ask(marc, town, `attente rejouer ${number}`)).toMatch(/^Personne de connu n’est attendu ici/);
    await bed.store.insertInto('record.people').values({ localpart: 'nadia.benali', name: 'Nadia Benali' }).execute();
    await bed.store
      .insertInto('record.memberships')
      .values({ localpart: 'nadia.benali', organisation: 'ville-claire', mail: 'nadia.benali@ville-claire.example', source: 'config' })
      .execute();
    expect(await ask(marc, town, `attente rejouer ${number}`)).toBe('1 objet remis à 1 personne.');
    expect((await hands.messages('nadia.benali', 1))[0]?.content.body).toContain('Congé de Nadia');
    expect(await ask(marc, town, 'attente')).toBe('Rien n’attend une personne inconnue.');
  });

  test('queues a dead message again', async () => {
    const dead = noticeRow('admin:ville-claire', 'essai', 'Avis perdu');
    await bed.store.transaction().execute(async (trx) => {
      await enqueue(trx, [dead]);
      await trx
        .updateTable('work.outbox')
        .set({ claimed_at: new Date(), dead_at: new Date(), dead_reason: 'M_TOO_LARGE' })
        .where('id', '=', dead.id ?? '')
        .execute();
    });
    const list = await ask(marc, town, 'morts');
    expect(list).toMatch(/^Messages morts : 1\nn° \d+ · bureau, un avis · .* · M_TOO_LARGE$/);
    expect(await ask(marc, town, `morts rejouer ${/n° (\d+)/.exec(list)?.[1] ?? ''}`)).toBe('1 message remis en file.');
    const arrived = async () => (await hands.timeline(town)).find(({ content }) => content.body === 'Avis perdu');
    expect(await until(arrived, { everyMs: 100 })).toBeDefined();
    expect(await ask(marc, town, 'morts')).toBe('Aucun message mort.');
  });

  test('is offered the nearest word for one that is none, and the forms for what does not follow', async () => {
    expect(await ask(marc, town, 'rejts')).toBe('Je ne connais pas cette commande. Vouliez-vous dire « rejets » ? Rien n’a été fait.');
    expect(await ask(marc, town, 'rejets lstier')).toMatch(/^Je n’ai pas compris la suite : vouliez-vous dire « lister » \?/);
    expect(await ask(marc, town, 'registration')).toMatch(/^Cette commande se donne sur la machine/);
  });
});

describe('nothing is done twice', () => {
  test('for an edit, which is told so', async () => {
    const command = await write(marc, town, 'morts');
    await answer(town, command);
    const edit = await send(marc, town, {
      msgtype: 'm.text',
      body: '* rejets rejouer tout',
      'm.new_content': { msgtype: 'm.text', body: 'rejets rejouer tout' },
      'm.relates_to': { rel_type: 'm.replace', event_id: command },
    });
    expect(await answer(town, edit)).toMatch(/^Une commande modifiée n’est pas exécutée de nouveau/);
    expect((await audits(edit)).map(({ details }) => details)).toEqual([{ result: 'edited' }]);
  });

  test('for the same event in another transaction of the homeserver', async () => {
    const command = await write(marc, town, 'morts');
    await answer(town, command);
    const event = (await hands.timeline(town)).find((one) => one.event_id === command);
    await bed.store.deleteFrom('work.inbox').where('event_id', '=', command).execute(); // as after a week
    for (const id of ['again-1', 'again-2']) {
      const again = await fetch(`${bed.config.appservice.url}/_matrix/app/v1/transactions/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${bed.config.appservice.hsToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events: [{ ...event, room_id: town }] }),
      });
      expect(again.status).toBe(200);
    }
    await handled(command);
    await hands.drained();
    expect(await answersTo(town, command)).toHaveLength(1);
    expect(await audits(command)).toHaveLength(1);
  });

  test('for one that was taken back, before or after it was read', async () => {
    const redact = async (eventId: string): Promise<string> => {
      const path = `/rooms/${encodeURIComponent(town)}/redact/${encodeURIComponent(eventId)}/x${String((txn += 1))}`;
      return String((await marc.call('PUT', path, {})).body.event_id);
    };
    const done = await write(marc, town, 'morts');
    await answer(town, done);
    expect(await answer(town, await redact(done))).toBe('La commande est effacée. Ce qu’elle avait fait reste fait.');
    await appservice.stop();
    const early = await write(marc, town, 'rejets rejouer tout');
    await redact(early);
    appservice = await startAppservice(bed);
    await appservice.ready();
    expect(await answer(town, early)).toBe('Ce message a été effacé avant d’être lu. Rien n’a été fait.');
    expect((await audits(early)).map(({ details }) => details.result)).toEqual(['redacted']);
  });
});

describe('who may', () => {
  test('somebody without the role is refused, although she is in the room, and the audit says so', async () => {
    await keepAside('gta', event('garde', [{ mail: 'claire.morel@ville-claire.example' }]));
    const asked = await write(claire, town, 'rejets rejouer tout');
    expect(await answer(town, asked)).toBe('Cette commande est réservée aux administrateurs de Ville-Claire. Rien n’a été fait.');
    expect(await audits(asked)).toEqual([
      { who: claire.mxid, organisation: 'ville-claire', details: { command: 'rejets', result: 'denied' } },
    ]);
    const row = await bed.store
      .selectFrom('record.rejected')
      .select('replayed_at')
      .where('connection', '=', 'gta')
      .orderBy('number', 'desc')
      .executeTakeFirstOrThrow();
    expect(row.replayed_at).toBeNull();
  });

  test('somebody who has left is refused', async () => {
    await bed.store.updateTable('record.people').set({ status: 'left' }).where('localpart', '=', 'marc.roche').execute();
    expect(await ask(marc, town, 'état')).toMatch(/^Cette commande est réservée/);
    await bed.store.updateTable('record.people').set({ status: 'active' }).where('localpart', '=', 'marc.roche').execute();
  });

  test('talk between people is left alone', async () => {
    const talk = await write(claire, town, 'Je regarde les rejets cet après-midi avec Marc.');
    await handled(talk);
    await hands.drained();
    expect(await answersTo(town, talk)).toEqual([]);
    expect(await audits(talk)).toEqual([]);
  });

  test('the platform’s room sees all organisations', async () => {
    expect(await ask(paola, platform, 'état')).toMatch(/^Toute la plateforme, .*[^]*Congés \(gta\)[^]*Congés \(rivebelle-gta\)/);
    const list = await ask(paola, platform, 'rejets');
    const total = await bed.store.selectFrom('record.rejected').select('id').where('replayed_at', 'is', null).execute();
    expect(list).toMatch(new RegExp(`^Rejets : ${total.length}\n`));
  });
});

describe('the command line', () => {
  const run = promisify(execFile);
  const line = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, ['appservice/admin/cli.ts', ...args, '--config', bed.config.file]);
    return stdout.trim();
  };

  test('says the same as the platform’s room, and is in the audit', async () => {
    expect(await line('rejets', 'lister')).toBe((await raw(paola, platform, 'rejets')).trim());
    expect(await line('etat')).toContain('Congés (rivebelle-gta)');
    const rows = await bed.store.selectFrom('record.audit').select(['who', 'details']).where('who', 'like', 'cli:%').execute();
    expect(rows.map(({ details }) => details)).toEqual([
      { command: 'rejets', verb: 'lister', result: 'done' },
      { command: 'état', verb: '', result: 'done' },
    ]);
  });

  test('replays, once', async () => {
    expect(await line('rejets', 'rejouer', 'tout')).toMatch(/^1.dépôt repris/);
    await expect(line('rejets', 'rejouer', 'tout')).rejects.toMatchObject({ code: 1 });
  });

  test('refuses an unknown word with the nearest one, and helps', async () => {
    await expect(line('rejts')).rejects.toMatchObject({ stderr: expect.stringContaining('«\u00a0rejets\u00a0»') as string });
    expect(await line('--help')).toContain('homeserver --registration CHEMIN');
    expect(await line('rejets', '--help')).toContain('rejets rejouer <n | tout>');
  });
});

test('no log line holds what was typed or kept', async () => {
  const log = await readFile(appservice.log, 'utf8');
  expect(log).not.toMatch(/Congé|nadia|rejouer|whsec_/);
});
