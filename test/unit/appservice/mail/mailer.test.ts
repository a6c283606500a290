/** Sending, against a real mail server; and what each of its refusals is to the desk. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeskError, MaybeDone } from '../../../../appservice/desk/errors.ts';
import { codeLetter } from '../../../../appservice/mail/letter.ts';
import { makeMailer, readFailure } from '../../../../appservice/mail/mailer.ts';
import { type Mood, SmtpSink } from '../../../support/smtp.ts';

/** For servers that say nothing; the others are waited for, as the machine may be busy. */
const FAST = { connectMs: 400, silenceMs: 900, allMs: 1500 };
const MAIL = {
  to: 'claire@ailleurs.example',
  who: 'Claire <Morel> & Cie',
  organisations: ['Ville-Claire'],
  code: '12345678',
  minutes: 15,
  until: new Date('2026-11-27T13:05:00Z'),
  timeZone: 'Europe/Paris',
};

let sink: SmtpSink;
beforeAll(async () => {
  sink = await SmtpSink.start({ user: 'bureau', password: 'le bon' });
});
afterAll(() => sink.stop());

const login = (password: string) => ({ ...sink.settings, user: 'bureau', password });

async function failure(sending: Promise<void>): Promise<DeskError> {
  const error = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DeskError)) throw new Error('no DeskError');
  return error;
}

test('a mail is sent as the site, to nobody’s answering machine, the same in text and in HTML', async () => {
  await makeMailer(login('le bon')).sendCode(MAIL);
  const [one] = sink.received;
  expect(one?.to).toEqual(['claire@ailleurs.example']);
  expect(one?.mail.from).toMatchObject({ name: 'Écritoire', address: 'bureau@ville-claire.example' });
  expect(one?.mail.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
  expect(one?.mail.text).toContain('1234\u00a05678');
  expect(one?.mail.text).toContain('jusqu’à 14\u00a0h\u00a005');
  expect(one?.mail.html).toContain('Claire &lt;Morel&gt; &amp; Cie');
  expect(one?.raw).not.toMatch(/X-Mailer.*Node/);
});

describe('a server', () => {
  test.each<[Mood, string]>([
    ['unknown', 'not_found'],
    ['later', 'unavailable'],
    ['sender', 'config'],
    ['unwanted', 'denied'],
  ])('that is %s is %s, without a word of the address', async (mood, code) => {
    sink.mood = mood;
    const error = await failure(makeMailer(login('le bon')).sendCode(MAIL));
    sink.mood = 'fine';
    expect(error.code).toBe(code);
    expect(error).not.toBeInstanceOf(MaybeDone);
    expect(`${error.message} ${String(error.cause)}`).not.toContain('claire');
  });

  test('that does not know us is our set-up, and so is one without the encryption we ask for', async () => {
    expect((await failure(makeMailer(login('le mauvais')).sendCode(MAIL))).code).toBe('config');
    expect((await failure(makeMailer({ ...login('le bon'), tls: 'starttls' }).sendCode(MAIL))).code).toBe('config');
  });

  test('that says nothing once it has the mail may have taken it', async () => {
    sink.mood = 'mute';
    expect(await failure(makeMailer(login('le bon'), FAST).sendCode(MAIL))).toBeInstanceOf(MaybeDone);
    sink.mood = 'fine';
  });

  test('that is away, or does not even greet, has nothing', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => mute.once('listening', done));
    const { port } = mute.address() as AddressInfo;
    const silent = await failure(makeMailer({ ...login('le bon'), port }, FAST).sendCode(MAIL));
    mute.close();
    const away = await failure(makeMailer({ ...login('le bon'), port: 1 }, FAST).sendCode(MAIL));
    for (const error of [silent, away]) {
      expect(error.code).toBe('unavailable');
      expect(error).not.toBeInstanceOf(MaybeDone);
    }
  });

  test('whose failure is of no known kind is a fault of ours', () => {
    expect(readFailure('?').code).toBe('bug');
    expect(readFailure({ code: 'EMESSAGE', command: 'API' }).code).toBe('bug');
  });
});

test('a letter holds no link and nothing that a name could bring along', () => {
  const { text, html } = codeLetter({ ...MAIL, who: '<a href="https://x.example">Marc</a>' });
  expect(html).not.toContain('<a');
  expect(text).toContain('Ville-Claire');
});
