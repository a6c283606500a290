/** Mails as they really come, from a server that tells them as they are. */
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeGuard } from '../../../bots/io-guard.ts';
import { makeIo } from '../../../bots/io.ts';
import { mail } from '../../../bots/mail/index.ts';
import { TIME_ZONE } from '../../contract/bed.ts';

/** Its structure in the server's words, and its parts; undefined: the server has lost it. */
type Told = { structure: string; parts: Record<string, Buffer> } | undefined;

let server: Server | undefined;
afterEach(() => server?.close());

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const quoted = (text: string): Buffer => Buffer.from(text, 'latin1');
const structure = (type: string, charset = ''): string =>
  `("text" "${type}" ${charset === '' ? 'NIL' : `("charset" "${charset}")`} NIL NIL "8bit" 99 1 NIL NIL NIL NIL)`;
const one = (text: string | Buffer, of = structure('plain')): Told => ({ structure: of, parts: { 1: Buffer.from(text) } });

async function listen(mails: readonly Told[]): Promise<string> {
  const answer = (line: string): (string | Buffer)[] => {
    const [tag = '', verb = '', word = '', set = ''] = line.split(' ');
    if (verb === 'CAPABILITY') return [`* CAPABILITY IMAP4rev1\r\n${tag} OK\r\n`];
    if (verb === 'LIST' || verb === 'LSUB') return [`* ${verb} () "/" "INBOX"\r\n${tag} OK\r\n`];
    if (verb === 'EXAMINE') return [`* ${mails.length} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n${tag} OK [READ-ONLY] ok\r\n`];
    if (verb === 'UID' && word === 'SEARCH') {
      const from = Number(/UID (\d+)/i.exec(line)?.[1] ?? 1);
      const uids = mails.map((_, n) => n + 1).filter((uid) => uid >= from);
      return [`* SEARCH${uids.map((uid) => ` ${uid}`).join('')}\r\n${tag} OK\r\n`];
    }
    if (verb !== 'UID') return [`${tag} OK\r\n`];
    const uids = set.split(',').flatMap((range) => {
      const [from = 0, to = from] = range.split(':').map(Number);
      return Array.from({ length: to - from + 1 }, (_, n) => from + n);
    });
    const isWhole = uids.every((uid) => mails[uid - 1] !== undefined);
    return [
      ...uids.flatMap((uid) => fetched(uid, line)),
      `${tag} ${isWhole ? 'OK' : 'NO Some messages could not be FETCHed (Failure)'}\r\n`,
    ];
  };
  const fetched = (uid: number, line: string): (string | Buffer)[] => {
    const told = mails[uid - 1];
    if (told === undefined) return [];
    const part = /BODY\.PEEK\[([\d.]+|TEXT)\]</.exec(line)?.[1];
    const bytes = told.parts[part === 'TEXT' ? '1' : (part ?? '')] ?? Buffer.alloc(0);
    const mime = /BODY\.PEEK\[([\d.]+\.MIME|HEADER)\]/.exec(line)?.[1];
    const type = /"text" "(\w+)" (?:\("charset" "([^"]+)"\))?/.exec(told.structure);
    const head = `Content-Type: text/${type?.[1] ?? ''}${type?.[2] === undefined ? '' : `; charset=${type[2]}`}\r\n\r\n`;
    const results = 'Authentication-Results: mx.example; dkim=pass header.d=outil.example\r\n\r\n';
    const sender = '((NIL NIL "alertes" "outil.example"))';
    const envelope = `(NIL "Demande ${uid}" ${sender} ${sender} ${sender} ((NIL NIL "claire" "ville.example")) NIL NIL NIL "<${uid}@outil.example>")`;
    return [
      `* ${uid} FETCH (UID ${uid} INTERNALDATE "26-Nov-2026 09:00:00 +0000" ENVELOPE ${envelope} BODYSTRUCTURE ${told.structure} RFC822.SIZE 99`,
      ` BODY[HEADER.FIELDS (AUTHENTICATION-RESULTS)] {${results.length}}\r\n${results}`,
      ...(mime === undefined ? [] : [` BODY[${mime}] {${head.length}}\r\n${head}`]),
      ...(part === undefined ? [] : [` BODY[${part}]<0> {${bytes.length}}\r\n`, bytes]),
      ')\r\n',
    ];
  };
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const lines = bytes.toString().split('\r\n');
      for (const line of lines.filter((text) => text !== '')) for (const said of answer(line)) socket.write(said);
    });
    socket.write('* OK [CAPABILITY IMAP4rev1] prêt\r\n');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `imap://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What the desk would show of each, and what an admin is told, in as many looks as it takes. */
async function shown(...mails: readonly Told[]) {
  const address = await listen(mails);
  const rule = { from: ['@outil.example'], subject: '.', body: '^(?<texte>.*fin)$', title: '{texte}', agent: { mail: 'destinataires' } };
  const config = mail.config.parse({ server: address, user: 'u', password: 'p', authserv: 'mx.example', rules: [rule] });
  const guard = makeGuard({ privateNetworks: ['127.0.0.0/8'] });
  const found: string[] = [];
  for (let cursor: unknown, looks = 0; looks < 7; looks += 1) {
    const io = makeIo({ origins: [address], guard, log: silent, requestId: 'r', timeouts: { read: 30_000, act: 30_000 } });
    const clock = (): number => Date.parse('2026-11-27T09:00:00Z');
    const openKeys = (): Promise<string[]> => Promise.resolve([]);
    const swept = await mail.poll?.({ config, io, log: silent, clock, requestId: 'r', timeZone: TIME_ZONE, openKeys }, cursor);
    for (const payload of swept?.payloads ?? []) {
      const { items, rejected } = mail.normalise(payload, { config, baseUrl: '', timeZone: TIME_ZONE });
      found.push(...items.map(({ title }) => title), ...rejected.map(({ reason }) => reason.replaceAll('\u00a0', ' ')));
    }
    cursor = swept?.cursor;
  }
  await guard.close();
  return found;
}

describe('the text of a mail', () => {
  it('that says Latin-1 is read as every reader does: with the apostrophe and the euro of Windows', async () => {
    expect(await shown(one(quoted('l\x92\xe9t\xe9 \x80 fin'), structure('plain', 'iso-8859-1')))).toEqual(['l’été € fin']);
  });

  it.each([
    ['says no charset', ''],
    ['says UTF-8 and is not', 'utf-8'],
    ['says one that nobody knows', 'x-outil'],
  ])('that %s keeps its letters', async (_, charset) => {
    expect(await shown(one(quoted('R\xe9union \x9cuvre fin'), structure('plain', charset)))).toEqual(['Réunion œuvre fin']);
    expect(await shown(one('Réunion œuvre fin', structure('plain', charset)))).toEqual(['Réunion œuvre fin']);
  });

  it('in UTF-8 with one byte that is none loses that one alone', async () => {
    const bytes = Buffer.concat([Buffer.from('Réunion '), quoted('\xe9'), Buffer.from('té fin')]);
    expect(await shown(one(bytes, structure('plain', 'utf-8')))).toEqual(['Réunion \uFFFDté fin']);
    // What was lost before it was sent is no letter of Windows-1252.
    expect(await shown(one('Lettre perdue \uFFFD fin', structure('plain', 'utf-8')))).toEqual(['Lettre perdue \uFFFD fin']);
  });

  it('in several parts is all that its reader sees: one stands before a piece, or what a scanner says before it', async () => {
    const image = '("image" "png" NIL NIL NIL "base64" 4 NIL ("inline" NIL) NIL NIL)';
    const note = '("text" "plain" ("charset" "utf-8") NIL NIL "8bit" 9 1 NIL ("attachment" ("filename" "a.txt")) NIL NIL)';
    const parts = {
      1: Buffer.from('Ce message a été vérifié.\r\n'),
      3: Buffer.from('Dossier 12 fin\r\n'),
      4: Buffer.from('Joint fin\r\n'),
    };
    const all = `(${structure('plain', 'utf-8')}${image}${structure('plain', 'utf-8')}${note} "mixed" ("boundary" "a") NIL NIL NIL)`;
    expect(await shown({ structure: all, parts })).toEqual(['Dossier 12 fin']);
  });
});

describe('a mail that its server does not give at all', () => {
  it('keeps none of the others, and is said to be lost', async () => {
    const found = await shown(one('un fin'), undefined, one('trois fin'));
    expect(found).toEqual(['un fin', 'mail 7/2 : le serveur de messagerie ne le donne pas', 'trois fin']);
  });

  it('is not what a server is about that gives none of several: it is not well, and all of them are waited for', async () => {
    await expect(shown(undefined, undefined)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
