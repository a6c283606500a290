import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { PATIENCE_MS, until } from '../support/guarded.ts';
import { postEvents } from '../support/hook.ts';
import { type MatrixBed, type Person, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

const SOUGHT = [
  ...['Arrêté 2026-041 du maire', 'BC-4021, enrobé', 'Révision du plan local d’urbanisme', 'Maîtrise d’œuvre'],
  ...['Pièce budget_2026-17.pdf', 'MAPA n°12/2026'],
];

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;
let claire: Person;
let room: string;
/** Another agent, whose items are there to be found. */
let hers: { person: Person; room: string };

beforeAll(async () => {
  bed = await startMatrixBed('appservice');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
  const titles = ['Délibération à signer', 'Congé de Paul', 'Facture', 'Sans échéance'];
  const dues = ['2026-12-03', '2026-12-01', '2026-12-02', undefined];
  for (const [index, title] of titles.entries())
    await hands.accept('claire.morel', { id: String(index), title, ...(dues[index] !== undefined && { dueAt: dues[index] }) });
  for (const title of SOUGHT) await hands.accept('nadia.benali', { title });
  await hands.messages('nadia.benali', SOUGHT.length);
  await hands.accept('claire.morel', { id: 'fini', title: 'Ancienne délibération' });
  await hands.messages('claire.morel', 5);
  await hands.drained();
  await hands.accept('claire.morel', { id: 'fini', title: 'Ancienne délibération', state: 'done' });
  await hands.drained();
  // As ingest does it; the hands that accept here know no deadlines of the store.
  await bed.store
    .updateTable('work.placements')
    .set((eb) => ({ sort_at: eb.cast(eb.ref('due_at'), 'timestamptz') }))
    .execute();
  room = await hands.room('desk:ville-claire:claire.morel');
  claire = await bed.signIn('claire.morel');
  await claire.call('POST', `/rooms/${encodeURIComponent(room)}/join`, {});
  hers = { person: await bed.signIn('nadia.benali'), room: await hands.room('desk:ville-claire:nadia.benali') };
  await hers.person.call('POST', `/rooms/${encodeURIComponent(hers.room)}/join`, {});
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

const internal = (): string => `http://127.0.0.1:${String(bed.config.appservice.internal.port)}`;

type Answer = {
  status: number;
  body: {
    rows: { eventId: string; placement: { title: string; revision: number }; triage: { aside: boolean } }[];
    next: string | null;
    triage: Record<string, unknown>;
    code?: string;
  };
};

async function ask(query: Record<string, string>, token = claire.token): Promise<Answer> {
  const answer = await fetch(`${internal()}/items?${new URLSearchParams({ room, ...query }).toString()}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const titlesOf = ({ body }: Answer): string[] => body.rows.map(({ placement }) => placement.title);

describe('GET /items', () => {
  test('gives the open rows in list order, page by page', async () => {
    const first = await ask({ limit: '2' });
    expect(titlesOf(first)).toEqual(['Congé de Paul', 'Facture']);
    const second = await ask({ limit: '2', after: first.body.next ?? '' });
    expect(titlesOf(second)).toEqual(['Délibération à signer', 'Sans échéance']);
    expect(second.body.next).toBeNull();
  });

  test('finds words without case and accents, in what is closed as well, and takes no pattern for one', async () => {
    expect(titlesOf(await ask({ q: 'DELIBERATION' })).sort()).toEqual(['Ancienne délibération', 'Délibération à signer']);
    expect(titlesOf(await ask({ q: 'signer délib' }))).toEqual(['Délibération à signer']);
    expect(titlesOf(await ask({ q: '%' }))).toEqual([]);
  });

  test.each([
    ['arrêté du maire', 'Arrêté 2026-041 du maire'],
    ['2026-041', 'Arrêté 2026-041 du maire'],
    ['041', 'Arrêté 2026-041 du maire'],
    ['L’ARRÊTÉ', 'Arrêté 2026-041 du maire'],
    ['bc 4021', 'BC-4021, enrobé'],
    ['4021', 'BC-4021, enrobé'],
    ['urbanisme', 'Révision du plan local d’urbanisme'],
    ['plan d’urbanis', 'Révision du plan local d’urbanisme'],
    ['oeuvre', 'Maîtrise d’œuvre'],
    ['MAÎTRISE D’ŒUVRE', 'Maîtrise d’œuvre'],
    ['budget', 'Pièce budget_2026-17.pdf'],
    ['17', 'Pièce budget_2026-17.pdf'],
    ['12/2026', 'MAPA n°12/2026'],
    ['MAPA n° 12', 'MAPA n°12/2026'],
  ])('finds « %s » in « %s »', async (q, title) => {
    expect(titlesOf(await ask({ room: hers.room, q }, hers.person.token))).toEqual([title]);
  });

  test('looks for nothing where only words that stand everywhere are asked for', async () => {
    expect(titlesOf(await ask({ room: hers.room, q: 'du' }, hers.person.token)).sort()).toEqual([
      'Arrêté 2026-041 du maire',
      'Révision du plan local d’urbanisme',
    ]);
  });

  test('gives what is closed, what was set aside, and the marks', async () => {
    expect(titlesOf(await ask({ list: 'closed' }))).toEqual(['Ancienne délibération']);
    const [row] = (await ask({ q: 'Facture' })).body.rows;
    await claire.call('PUT', `/rooms/${encodeURIComponent(room)}/send/m.reaction/f1`, {
      'm.relates_to': { rel_type: 'm.annotation', event_id: row?.eventId, key: '✅' },
    });
    const aside = await until(async () => ((await ask({ list: 'aside' })).body.rows.length > 0 ? ask({ list: 'aside' }) : undefined), {
      everyMs: 100,
    });
    expect(aside?.body.rows.map(({ placement }) => placement.title)).toEqual(['Facture']);
    expect(aside?.body.triage).toEqual({
      [row?.eventId ?? '']: { seen: true, aside: true, pinned: false, snoozedRevision: row?.placement.revision },
    });
    expect(titlesOf(await ask({}))).not.toContain('Facture');
    expect(titlesOf(await ask({ event_id: row?.eventId ?? '' }))).toEqual(['Facture']);
  });

  test('serves nobody else: no token, a token that is nobody’s, a room she is not in', async () => {
    expect((await fetch(`${internal()}/items?room=${encodeURIComponent(room)}`)).status).toBe(401);
    expect((await ask({}, 'nobody')).status).toBe(401);
    const paul = await bed.signIn('paul.vidal');
    expect(await ask({}, paul.token)).toMatchObject({ status: 403, body: { code: 'denied' } });
  });

  test('of a room that waits to be read again is not available, instead of empty, and is there afterwards', async () => {
    const before = titlesOf(await ask({}));
    // As one that another replica reads just now.
    await sql`update work.rooms set rebuilt_at = null, lease_until = now() + interval '1 minute' where room_id = ${room}`.execute(
      bed.store,
    );
    expect(await ask({})).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect((await ask({ event_id: '$any' })).status).toBe(503);
    await sql`update work.rooms set lease_until = null where room_id = ${room}`.execute(bed.store);
    await expect.poll(async () => (await ask({})).status, { timeout: PATIENCE_MS }).toBe(200);
    expect(titlesOf(await ask({}))).toEqual(before);
  });

  test('refuses what it cannot read', async () => {
    const after = Buffer.from(JSON.stringify({ at: 1, eventId: '$\u0000' })).toString('base64url');
    const unreadable: Record<string, string>[] = [
      { after: '!' },
      { after },
      { event_id: '$\u0000' },
      { limit: '0' },
      { limit: 'x' },
      { list: 'all' },
    ];
    for (const query of unreadable) expect((await ask(query)).status, JSON.stringify(query)).toBe(400);
  });
});

describe('the whole way in', () => {
  test('from a signed event at the door to the agent’s room, and the connection’s health says so', async () => {
    const { connections, appservice: settings } = bed.config;
    const hook = { url: `${settings.url}/hooks/parapheur`, secret: connections.find(({ id }) => id === 'parapheur')?.secrets[0] ?? '' };
    const posted = await postEvents(hook, {
      specversion: '1.0',
      id: 'folder-1',
      source: 'urn:essai',
      type: 'fr.collectivite.parapheur.dossier',
      time: new Date().toISOString(),
      data: {
        op: 'upsert',
        to: [{ mail: 'marc.roche@ville-claire.example', reason: 'signataire' }],
        item: { key: 'folder/1', title: 'Arrêté à signer' },
      },
    });
    expect(posted.status).toBe(202);
    const [message] = await hands.messages('marc.roche', 1);
    expect(message?.sender).toBe('@ecritoire_iparapheur:desk.localhost');
    expect(message?.content.body).toContain('Arrêté à signer');
    const organisation = await hands.room('organisation:ville-claire');
    const connected = async () => {
      const state = await hands.state(organisation, 'fr.ecritoire.connection', 'parapheur');
      return state?.health === 'connected' ? state : undefined;
    };
    expect(await until(connected, { everyMs: 100 })).toMatchObject({
      label: 'i-Parapheur',
      lastSuccess: expect.any(String) as string,
    });
  });
});

describe('the process', () => {
  test('says that it lives and is ready, and measures what it sent', async () => {
    expect((await fetch(`${internal()}/livez`)).status).toBe(200);
    await hands.drained();
    expect(await (await fetch(`${internal()}/readyz`)).json()).toMatchObject({ ready: true, homeserver: true, store: true, waiting: 0 });
    const metrics = await (await fetch(`${internal()}/metrics`)).text();
    expect(metrics).toMatch(/ecritoire_relay_sends_total\{kind="item",outcome="sent"\} [1-9]/);
    expect(metrics).not.toContain('claire');
  });

  test('made the organisation’s and the admins’ rooms, invited the admin and said how its connections are', async () => {
    const admin = await hands.room('admin:ville-claire');
    const invited = await until(() => hands.state(admin, 'm.room.member', '@marc.roche:desk.localhost'), {
      everyMs: 200,
    });
    expect(invited).toMatchObject({ membership: 'invite' });
    const organisation = await hands.room('organisation:ville-claire');
    expect(await hands.state(organisation, 'fr.ecritoire.connection', 'gta')).toMatchObject({
      health: 'starting',
      label: 'Congés',
      bot: 'gta',
    });
  });

  test('runs beside another one on the same addresses and store, and ends by itself when asked', async () => {
    const other = await startAppservice(bed);
    await other.ready();
    for (const number of [1, 2, 3, 4, 5]) await hands.accept('paul.vidal', { title: `Objet ${String(number)}` });
    const messages = await hands.messages('paul.vidal', 5);
    expect(messages.map(({ content }) => /Objet \d/.exec(String(content.body))?.[0])).toEqual(
      [1, 2, 3, 4, 5].map((number) => `Objet ${String(number)}`),
    );
    await other.stop();
    expect(other.process.exitCode).toBe(0);
  });
});

describe('a start that does not fit is refused with one sentence', () => {
  async function refused(name: string, change: (config: Record<string, unknown>) => void): Promise<{ code: string; said: string }> {
    const config = JSON.parse(await readFile(bed.config.file, 'utf8')) as Record<string, unknown>;
    change(config);
    const file = join(bed.folder, `${name}.yaml`);
    await writeFile(file, JSON.stringify(config), { mode: 0o600 });
    const started = await startAppservice(bed, { config: file });
    try {
      return { code: await started.ended(), said: await readFile(started.log, 'utf8') };
    } finally {
      await started.kill();
    }
  }

  test('another server name', async () => {
    const { code, said } = await refused('server', (config) => (config.serverName = 'autre.localhost'));
    expect(code).toBe('78');
    expect(said).toContain('Cette base appartient au serveur «\u00a0desk.localhost\u00a0»');
  });

  test('an organisation that is gone', async () => {
    const { code, said } = await refused('organisation', (config) => {
      config.organisations = [{ id: 'ville-claire', name: 'Ville-Claire' }];
      config.connections = [];
      config.people = [];
    });
    expect(code).toBe('78');
    expect(said).toContain('rivebelle');
  });

  test('an as_token that the homeserver does not know', async () => {
    await writeFile(join(bed.folder, 'secrets/other-as'), 'another-as-token-than-the-homeserver-has', { mode: 0o600 });
    const { code, said } = await refused('token', (config) => {
      config.appservice = { ...(config.appservice as object), asToken: { file: 'secrets/other-as' } };
    });
    expect(code).toBe('78');
    expect(said).toContain('as_token');
  });
});
