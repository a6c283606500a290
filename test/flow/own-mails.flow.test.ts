/** An agent's own mail addresses behind their door: proven by a code, found by deliveries, removed; and whoever tries otherwise. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Mails } from '../../appservice/accounts/mails.ts';
import type { OwnMails } from '../../appservice/desk/own-mail.ts';
import { internalApp } from '../../appservice/http/internal.ts';
import { mailRoutes } from '../../appservice/http/mails.ts';
import { makeMailer } from '../../appservice/mail/mailer.ts';
import { findMembersByAddress } from '../../appservice/store/addressees.ts';
import { findAdmins } from '../../appservice/store/admins.ts';
import { forgetCodes } from '../../appservice/store/mail-codes.ts';
import { findMembers } from '../../appservice/store/people.ts';
import { mail as mailBot } from '../../bots/mail/index.ts';
import { twin as mailTwin } from '../../bots/mail/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { SmtpSink } from '../support/smtp.ts';
import { ORGANISATIONS, ToolsBed } from '../support/tools-bed.ts';

const OWN = 'claire@ailleurs.example';
/** Only a server that says nothing is given up: the machine may be busy. */
const FAST = { connectMs: 30_000, silenceMs: 3000, allMs: 30_000 };

let twin: RunningTwin;
let bed: ToolsBed;
let smtp: SmtpSink;
let server: Server;
let claire: string;
let marc: string;
let replicas: Mails[];
let turn = 0;
const lines: string[] = [];

beforeAll(async () => {
  [twin, smtp] = await Promise.all([mailTwin.start(), SmtpSink.start()]);
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  bed = await ToolsBed.start([{ id: 'alertes', bot: mailBot, twin, every: 600 }], [], { log });
  [claire, marc] = [await bed.addMember('claire'), await bed.addMember('marc')];
  const mails = (): Mails =>
    new Mails({
      store: bed.store,
      mailer: makeMailer(smtp.settings, FAST),
      recordKey: Buffer.alloc(32, 7),
      organisations: ORGANISATIONS,
      serverName: 'desk.localhost',
      clock: Date.now,
      log,
      deliverWaiting: (db, person) => bed.ingest.deliverWaiting(db, person),
    });
  replicas = [mails(), mails()];
  const whoIs = (token: string) => Promise.resolve(token.startsWith('jeton-') ? `@${token.slice(6)}:desk.localhost` : undefined);
  const asking = { store: bed.store, serverName: 'desk.localhost', whoIs };
  const apps = replicas.map((one) => internalApp({ routers: [mailRoutes({ mails: one, ...asking })], log }));
  // A balancer: each call goes to the next replica.
  server = createServer((request, response) => void apps[(turn += 1) % apps.length]?.(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await bed.poller.start();
  await until(() => Promise.resolve(twin.calls.some(({ method }) => method === 'IDLE') ? true : undefined));
});
afterAll(async () => {
  server.close();
  await bed.stop();
  await Promise.all([twin.stop(), smtp.stop()]);
});
beforeEach(async () => {
  smtp.mood = 'fine';
  await bed.store.deleteFrom('record.mail_codes').execute();
  await bed.store.deleteFrom('record.mails').execute();
});

type Said = { status: number; body: Record<string, unknown> };
async function call(agent: string, method: string, body?: unknown): Promise<Said> {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/mails`, {
    method,
    headers: { authorization: `Bearer jeton-${agent}` },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const ask = (agent: string, mail: string) => call(agent, 'POST', { mail });
const give = (agent: string, code: string) => call(agent, 'POST', { code });
const remove = (agent: string, mail: string) => call(agent, 'DELETE', { mail });
const standing = async (agent: string) => (await call(agent, 'GET')).body as OwnMails;
const other = (code: string): string => String((Number(code) + 1) % 100_000_000).padStart(8, '0');
const ownerOf = async (mail: string): Promise<string[]> => {
  const address = { organisation: 'ville-claire', kind: 'mail' as const, value: mail };
  return [...(await findMembersByAddress(bed.store, [address])).values()].flat();
};

async function prove(agent: string, mail: string): Promise<Said> {
  await ask(agent, mail);
  return give(agent, smtp.codeFor(mail));
}

describe('an address', () => {
  test('is proven by the code that it is sent: from then on mails that name it are on her desk', async () => {
    const before = twin.add([OWN]);
    await until(async () => ((await bed.store.selectFrom('record.waiting').select('key').execute()).length > 0 ? true : undefined));
    expect(await standing('claire')).toEqual({ isOffered: true, known: [claire], proven: [] });
    expect(await ask('claire', ' Claire@Ailleurs.example ')).toEqual({ status: 200, body: { mail: OWN } });
    expect((await standing('claire')).asked).toMatchObject({ mail: OWN, state: 'sent', left: 5 });
    const code = smtp.codeFor(OWN);
    expect(code).toMatch(/^\d{8}$/);
    expect(await give('claire', `${code.slice(0, 4)} ${code.slice(4)}`)).toEqual({ status: 200, body: { mail: OWN } });
    const { proven, asked } = await standing('claire');
    expect(proven).toEqual([{ mail: OWN, provenAt: expect.any(Number) as number, isOverruled: false }]);
    expect(asked).toBeUndefined();
    expect(await bed.shows('claire', [before])).toEqual([before]);
    const after = twin.add([OWN]);
    expect(await bed.shows('claire', [before, after])).toEqual([before, after].sort());
    twin.settle(before);
    twin.settle(after);
    await bed.shows('claire', []);
  });

  test('that was removed finds nobody, and can be proven again', async () => {
    await prove('claire', OWN);
    expect(await remove('claire', OWN)).toEqual({ status: 200, body: { mail: OWN } });
    const key = twin.add([OWN]);
    const isKept = async () => ((await bed.store.selectFrom('record.waiting').select('key').execute()).length > 0 ? true : undefined);
    expect(await until(isKept)).toBe(true);
    expect(await bed.open('claire')).toEqual([]);
    expect((await remove('claire', OWN)).body).toEqual({ fault: 'unknown' });
    expect((await prove('claire', OWN)).body).toEqual({ mail: OWN });
    expect(await bed.shows('claire', [key])).toEqual([key]);
    twin.settle(key);
    await bed.shows('claire', []);
  });

  test('is one, in whatever case, and with an international domain in both its forms', async () => {
    await prove('claire', 'claire@mairie-évry.example');
    expect((await standing('claire')).proven[0]?.mail).toBe('claire@xn--mairie-vry-h7a.example');
    expect((await ask('claire', 'Claire@XN--mairie-vry-h7a.example')).body).toEqual({ fault: 'known' });
    expect((await ask('claire', 'claire@mairie-évry.example')).body).toEqual({ fault: 'known' });
  });

  test('that is none, or hers already, is said before anything is sent', async () => {
    const sent = smtp.received.length;
    for (const typed of ['', 'claire', 'claire@localhost', 'a b@c.example', 'x@y.example, z@y.example', `a@b.example\r\nBcc: c@d.example`])
      expect([typed, (await ask('claire', typed)).body]).toEqual([typed, { fault: 'mail' }]);
    expect((await ask('claire', claire.toUpperCase())).body).toEqual({ fault: 'known' });
    expect((await call('claire', 'POST', '{"mail":')).status).toBe(400);
    expect((await call('claire', 'POST', { mail: OWN, code: '1' })).status).toBe(400);
    expect((await call('inconnue', 'GET')).status).toBe(403);
    expect(smtp.received.length).toBe(sent);
  });
});

describe('a code', () => {
  test('is tried five times and no more, by whichever replica', async () => {
    await ask('claire', OWN);
    const code = smtp.codeFor(OWN);
    expect((await give('claire', 'abc')).body).toEqual({ fault: 'digits' });
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push((await give('claire', other(code))).body['left']);
    expect(answers).toEqual([4, 3, 2, 1]);
    expect((await give('claire', other(code))).body).toEqual({ fault: 'spent' });
    expect((await give('claire', code)).body).toEqual({ fault: 'spent' });
    expect((await standing('claire')).asked).toMatchObject({ state: 'spent', left: 0 });
    expect(await ownerOf(OWN)).toEqual([]);
  });

  test('tried by many at once is tried five times as well', async () => {
    await ask('claire', OWN);
    const wrong = other(smtp.codeFor(OWN));
    const answers = await Promise.all(Array.from({ length: 12 }, () => give('claire', wrong)));
    expect(answers.filter(({ body }) => body['fault'] === 'wrong')).toHaveLength(4);
    const { tries } = await bed.store.selectFrom('record.mail_codes').select('tries').executeTakeFirstOrThrow();
    expect(tries).toBe(5);
  });

  test('is used once, and by nobody else', async () => {
    await ask('claire', OWN);
    const code = smtp.codeFor(OWN);
    expect((await give('marc', code)).body).toEqual({ fault: 'expired' });
    await give('claire', code);
    expect((await give('claire', code)).body).toEqual({ fault: 'expired' });
    await remove('claire', OWN);
    expect((await give('claire', code)).body).toEqual({ fault: 'expired' });
    expect(await ownerOf(OWN)).toEqual([]);
  });

  test('ends after a quarter of an hour, with the one after it, and when she wants it no more', async () => {
    await ask('claire', OWN);
    const first = smtp.codeFor(OWN);
    await ask('claire', OWN);
    const second = smtp.codeFor(OWN);
    if (first !== second) expect((await give('claire', first)).body).toEqual({ fault: 'wrong', left: 4 });
    await sql`update record.mail_codes set until = now() - interval '1 second'`.execute(bed.store);
    expect((await give('claire', second)).body).toEqual({ fault: 'expired' });
    expect((await standing('claire')).asked?.state).toBe('expired');
    await ask('claire', OWN);
    await call('claire', 'POST', { stop: true });
    expect((await give('claire', smtp.codeFor(OWN))).body).toEqual({ fault: 'expired' });
    expect((await standing('claire')).asked).toBeUndefined();
  });

  test('is asked for a few times an hour: by one agent, and for one address whoever asks', async () => {
    const answers = [];
    for (const agent of ['claire', 'marc', 'claire', 'marc']) answers.push((await ask(agent, 'cible@ailleurs.example')).status);
    expect(answers).toEqual([200, 200, 200, 429]);
    for (const n of [1, 2, 3]) expect((await ask('claire', `autre-${n}@ailleurs.example`)).status).toBe(200);
    expect((await ask('claire', 'autre-4@ailleurs.example')).body).toEqual({ fault: 'too_many' });
  });

  test('is asked for by many at once no more often than that', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('claire', 'foule@ailleurs.example')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(smtp.received.filter(({ to }) => to.includes('foule@ailleurs.example'))).toHaveLength(3);
  });

  test('is forgotten after an hour, with the address that it was asked for', async () => {
    await ask('claire', OWN);
    await forgetCodes(bed.store);
    expect((await standing('claire')).asked?.mail).toBe(OWN);
    await sql`update record.mail_codes set sent_at = now() - interval '61 minutes'`.execute(bed.store);
    await forgetCodes(bed.store);
    expect(await bed.store.selectFrom('record.mail_codes').selectAll().execute()).toEqual([]);
  });

  test('stands in the store only as a keyed hash', async () => {
    await ask('claire', OWN);
    expect(JSON.stringify(await bed.store.selectFrom('record.mail_codes').selectAll().execute())).not.toContain(smtp.codeFor(OWN));
  });
});

describe('an address of somebody else', () => {
  test('is asked for with the same answer; by the directory it stays its owner’s, whoever reads its mails', async () => {
    const [hers, strangers] = [await ask('claire', marc), await ask('claire', 'personne@ailleurs.example')];
    expect([hers.status, Object.keys(hers.body)]).toEqual([strangers.status, Object.keys(strangers.body)]);
    await ask('claire', marc);
    expect((await give('claire', smtp.codeFor(marc))).body).toEqual({ fault: 'taken' });
    expect(await ownerOf(marc)).toEqual(['marc']);
    expect((await standing('claire')).proven).toEqual([]);
  });

  test('given by the directory later is the directory’s from then on', async () => {
    const late = 'nouvelle@ville-claire.example';
    await prove('claire', late);
    expect(await ownerOf(late)).toEqual(['claire']);
    await bed.addMember('nouvelle');
    expect(await ownerOf(late)).toEqual(['nouvelle']);
    expect((await standing('claire')).proven).toMatchObject([{ mail: late, isOverruled: true }]);
    const key = twin.add([late]);
    expect(await bed.shows('nouvelle', [key])).toEqual([key]);
    expect(await bed.open('claire')).toEqual([]);
  });

  test('given to herself by the directory later stays hers, once', async () => {
    await prove('claire', OWN);
    const hers = bed.store.updateTable('record.memberships').where('localpart', '=', 'claire');
    await hers.set({ mail: OWN }).execute();
    expect(await ownerOf(OWN)).toEqual(['claire']);
    expect(await standing('claire')).toMatchObject({ known: [OWN], proven: [{ mail: OWN, isOverruled: false }] });
    await hers.set({ mail: claire }).execute();
  });

  test('proven later goes to whoever proved it, and the one before is told on her desk', async () => {
    await prove('claire', OWN);
    expect((await ask('marc', OWN)).body).toEqual({ mail: OWN });
    expect(await ownerOf(OWN)).toEqual(['claire']);
    expect((await give('marc', smtp.codeFor(OWN))).body).toEqual({ mail: OWN });
    expect(await ownerOf(OWN)).toEqual(['marc']);
    expect((await standing('claire')).proven).toEqual([]);
    const told = await bed.store.selectFrom('work.outbox').select(['address', 'draft']).where('kind', '=', 'notice').execute();
    expect(told.map(({ address }) => address)).toEqual(['desk:ville-claire:claire']);
    expect(JSON.stringify(told[0]?.draft)).toContain(OWN);
    const audits = await bed.store.selectFrom('record.audit').select(['who', 'details']).where('what', '=', 'mail.proven').execute();
    expect(audits).toContainEqual({ who: '@marc:desk.localhost', details: { before: 'claire' } });
  });

  test('proven by two at once is one person’s', async () => {
    await Promise.all([ask('claire', OWN), ask('marc', OWN)]);
    const codes = smtp.received.slice(-2).map(
      ({ mail }) =>
        /(\d{4})\s(\d{4})/
          .exec(mail.text ?? '')
          ?.slice(1)
          .join('') ?? '',
    );
    await Promise.all(codes.flatMap((code) => [give('claire', code), give('marc', code)]));
    expect(await ownerOf(OWN)).toHaveLength(1);
  });

  test('makes nobody an admin, and nobody signs in by it', async () => {
    await prove('marc', 'chef@ailleurs.example');
    expect(await findAdmins(bed.store, { mails: ['chef@ailleurs.example'] })).toEqual([]);
    expect(await findMembers(bed.store, 'ville-claire', { mail: 'chef@ailleurs.example' })).toEqual([]);
  });

  test('in another organisation is another one', async () => {
    await bed.addMember('rene', 'rivebelle');
    await prove('claire', OWN);
    await prove('rene', OWN);
    expect(await ownerOf(OWN)).toEqual(['claire']);
    expect((await standing('rene')).proven).toMatchObject([{ mail: OWN }]);
  });
});

describe('the mail server', () => {
  test('that knows no such mailbox, or does not want the mail, is said; the code is void', async () => {
    smtp.mood = 'unknown';
    expect(await ask('claire', OWN)).toEqual({ status: 422, body: { fault: 'refused' } });
    expect((await standing('claire')).asked).toBeUndefined();
    smtp.mood = 'unwanted';
    expect((await ask('claire', OWN)).body).toEqual({ fault: 'refused' });
    // Else mailboxes could be looked for.
    expect((await ask('claire', OWN)).body).toEqual({ fault: 'refused' });
    expect((await ask('claire', OWN)).body).toEqual({ fault: 'too_many' });
  });

  test('that asks to come later, or is away, costs none of her codes', async () => {
    smtp.mood = 'later';
    for (let n = 0; n < 4; n += 1) expect((await ask('claire', OWN)).body).toEqual({ fault: 'down' });
    expect((await standing('claire')).asked).toBeUndefined();
    smtp.mood = 'fine';
    expect((await ask('claire', OWN)).status).toBe(200);
  });

  test('that says nothing is waited for a moment; a code that comes all the same is good', async () => {
    smtp.mood = 'mute';
    expect((await ask('marc', OWN)).body).toEqual({ fault: 'slow' });
    expect((await standing('marc')).asked).toMatchObject({ mail: OWN, state: 'sent' });
    expect((await give('marc', smtp.codeFor(OWN))).body).toEqual({ mail: OWN });
  });

  test('that refuses the desk itself is our set-up’s fault: the platform’s admins are told, once', async () => {
    smtp.mood = 'sender';
    expect(await ask('marc', OWN)).toEqual({ status: 502, body: { fault: 'broken' } });
    expect((await ask('marc', OWN)).status).toBe(502);
    const told = await bed.store.selectFrom('work.outbox').select('draft').where('address', '=', 'platform').execute();
    expect(told.length).toBe(1);
    expect(JSON.stringify(told)).toContain('config check');
    expect(JSON.stringify(told)).not.toContain(OWN);
  });
});

test('nothing of a code or an address is in the log; the mail says who asks, and leads nowhere', async () => {
  await prove('claire', OWN);
  const [last] = smtp.received.slice(-1);
  expect(last?.mail.subject).toBe('Votre code pour Écritoire');
  expect(last?.mail.text).toContain('claire (Ville-Claire) demande que ce qui est adressé à claire@ailleurs.example');
  expect(last?.mail.text).toContain('Si ce n’est pas vous, ignorez ce message');
  expect(last?.mail.html).toContain(smtp.codeFor(OWN).slice(0, 4));
  expect(`${last?.mail.text ?? ''}${last?.mail.html ?? ''}`).not.toMatch(/https?:|<a |<img/);
  const codes = smtp.received.flatMap(
    ({ mail }) =>
      /(\d{4})\s(\d{4})/
        .exec(mail.text ?? '')
        ?.slice(1)
        .join('') ?? [],
  );
  for (const text of [...codes, OWN, 'ailleurs.example']) expect(lines.filter((line) => line.includes(text))).toEqual([]);
  expect(lines.length).toBeGreaterThan(10);
});
