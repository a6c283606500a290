/** The mail server is tried with real certificates, of an authority that this process trusts for as long as the tests run. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadedSmtp } from '../../../../config/load.ts';
import { DeskError, MaybeDone } from '../../../../appservice/desk/errors.ts';
import { checkMail } from '../../../../appservice/mail/check.ts';
import { makeMailer } from '../../../../appservice/mail/mailer.ts';
import { longAgo, makeAuthority, makeCertificate, thisYear } from '../../../contract/certificate.ts';
import { type Login, SmtpSink } from '../../../support/smtp.ts';

const PATIENT = { connectMs: 30_000, silenceMs: 30_000, allMs: 60_000 };
const HASTY = { connectMs: 400, silenceMs: 900, allMs: 1500 };
const MAIL = {
  to: 'claire@ailleurs.example',
  who: 'Claire Morel',
  organisations: ['Ville-Claire'],
  code: '12345678',
  minutes: 15,
  until: new Date('2026-11-27T13:05:00Z'),
  timeZone: 'Europe/Paris',
};

const authority = makeAuthority();
const GOOD = authority.issue('localhost');
const inOneYear = { from: new Date(Date.now() + 365 * 86_400_000), until: new Date(Date.now() + 730 * 86_400_000) };
const trusted = getCACertificates('default');

beforeAll(() => {
  setDefaultCACertificates([...trusted, authority.cert]);
});
afterAll(() => {
  setDefaultCACertificates(trusted);
});

async function beside<T>(login: Login, tls: LoadedSmtp['tls'], work: (settings: LoadedSmtp, sink: SmtpSink) => Promise<T>): Promise<T> {
  const sink = await SmtpSink.start({ user: 'bureau', password: 'le bon', ...login });
  try {
    return await work({ ...sink.settings, tls, user: 'bureau', password: 'le bon' }, sink);
  } finally {
    await sink.stop();
  }
}

const WAYS = [
  { tls: 'tls', secure: true },
  { tls: 'starttls', secure: false },
] as const;

describe.each(WAYS)('a server with $tls', ({ tls, secure }) => {
  test('whose certificate an authority of ours signed is in order, and takes mails', async () => {
    await beside({ tls: { ...GOOD, secure } }, tls, async (settings, sink) => {
      expect(await checkMail(settings, PATIENT)).toBeUndefined();
      expect(sink.received).toEqual([]);
      await makeMailer(settings, PATIENT).sendCode(MAIL);
      expect(sink.received.map(({ to }) => to)).toEqual([['claire@ailleurs.example']]);
    });
  });

  test.each([
    ['expired', authority.issue('localhost', longAgo()), 'son certificat a expiré'],
    ['is of next year', authority.issue('localhost', inOneYear), 'pas encore valable'],
    ['is for another name', authority.issue('courriel.ailleurs.example'), 'pour un autre nom'],
    ['is signed by itself', makeCertificate(thisYear()), 'signé par lui-même'],
    ['is of an authority that nobody knows', makeAuthority().issue('localhost'), 'autorité inconnue'],
  ])('whose certificate %s is refused, in a sentence; nothing is sent, and an admin has to look', async (_, certificate, said) => {
    await beside({ tls: { ...certificate, secure } }, tls, async (settings, sink) => {
      expect(await checkMail(settings, PATIENT)).toContain(said);
      const error = await thrownBy(makeMailer(settings, PATIENT).sendCode(MAIL));
      expect([error.code, error.fate.told, error instanceof MaybeDone]).toEqual(['config', 'admin', false]);
      expect(sink.received).toEqual([]);
    });
  });

  test('that does not know the password says so, and the password stands nowhere', async () => {
    await beside({ tls: { ...GOOD, secure } }, tls, async (settings) => {
      const said = await checkMail({ ...settings, password: 'le mauvais' }, PATIENT);
      expect(said).toContain('il refuse l’identifiant ou le mot de passe');
      expect(said).not.toMatch(/le mauvais|le bon/);
    });
  });
});

describe('what is tried', () => {
  test('is refused when it does not encrypt although it has to, or not from the beginning', async () => {
    await beside({}, 'starttls', async (settings) => {
      expect(await checkMail(settings, PATIENT)).toContain('il n’offre pas le chiffrement exigé');
      expect(await checkMail({ ...settings, tls: 'tls' }, PATIENT)).toContain('il ne chiffre pas dès la connexion');
      expect(await checkMail({ ...settings, tls: 'none' }, PATIENT)).toBeUndefined();
    });
  });

  test('is said to be silent when it waits for the other sort of encryption', async () => {
    await beside({ tls: { ...GOOD, secure: true } }, 'starttls', async (settings) => {
      expect(await checkMail(settings, HASTY)).toContain('il n’a pas répondu à temps');
    });
  });

  test('may be nobody, nowhere, mute, or no mail server', async () => {
    const smtp: LoadedSmtp = { host: '127.0.0.1', port: 1, tls: 'none', password: undefined, from: 'bureau@ville-claire.example' };
    expect(await checkMail(smtp, PATIENT)).toBe('mail\u00a0: serveur d’envoi 127.0.0.1:1\u00a0: rien n’y répond (mail.port).');
    expect(await checkMail({ ...smtp, host: 'nulle-part.invalid' }, PATIENT)).toContain('ce nom est inconnu');
    const [mute, web] = [createServer(), createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))];
    expect(await checkMail({ ...smtp, port: await opened(mute) }, HASTY)).toContain('il n’a pas répondu à temps');
    expect(await checkMail({ ...smtp, port: await opened(web) }, PATIENT)).toContain('pas un serveur d’envoi');
    for (const server of [mute, web]) server.close();
  });
});

async function opened(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function thrownBy(sending: Promise<void>): Promise<DeskError> {
  const error = await sending.catch((thrown: unknown) => thrown);
  if (!(error instanceof DeskError)) throw new Error('no DeskError');
  return error;
}
