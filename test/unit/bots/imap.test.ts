/** A mail server that would have the password in clear, or whose certificate does not hold: nothing is said to it. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeGuard } from '../../../bots/io-guard.ts';
import { makeIo } from '../../../bots/io.ts';
import { expiredCertificate } from '../../contract/certificate.ts';

const ACCESS = { user: 'depot', password: 'mot-de-passe', mailbox: 'INBOX' };
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };
/** Only from this very machine may a password travel without TLS; another address of ours stands for any other machine. */
const other = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

let server: Server | undefined;
afterEach(() => server?.close());

/** A server's first words; `heard` is whatever a client said to it. */
async function listen(capabilities: string, host: string): Promise<{ port: number; heard: () => string }> {
  let heard = '';
  const hear = (socket: Socket): void => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString();
      const [, tag = '', verb = ''] = /(\S+) (\S+)\r\n$/.exec(bytes.toString()) ?? [];
      if (verb === 'CAPABILITY') socket.write(`* CAPABILITY ${capabilities}\r\n${tag} OK\r\n`);
      else socket.write(`${tag} OK\r\n`);
      if (verb === 'STARTTLS') {
        socket.removeAllListeners('data');
        hear(new TLSSocket(socket, { isServer: true, ...expiredCertificate() }));
      }
    });
  };
  server = createServer((socket) => {
    hear(socket);
    socket.write(`* OK [CAPABILITY ${capabilities}] prêt\r\n`);
  });
  await new Promise<void>((resolve) => server?.listen(0, host, resolve));
  return { port: (server.address() as AddressInfo).port, heard: () => heard };
}

function visit(address: string): Promise<void> {
  const guard = makeGuard({ privateNetworks: ['0.0.0.0/0'] });
  const io = makeIo({ origins: [address], guard, log: silent, requestId: 'r', timeouts: { read: 30_000, act: 30_000 } });
  return io.imap.visit(ACCESS, () => Promise.resolve()).finally(() => guard.close());
}

if (other === undefined)
  it('this machine has no address but its own: what other machines are asked could not be tried', () => {
    expect(other).toBeUndefined();
  });
else
  describe('a mail server on another machine', () => {
    it('without STARTTLS hears no password, and that is a matter of the configuration', async () => {
      const { port, heard } = await listen('IMAP4rev1', other);
      await expect(visit(`imap://${other}:${port}`)).rejects.toMatchObject({ code: 'config' });
      expect(heard()).not.toContain(ACCESS.password);
    });

    it('with STARTTLS and a certificate that does not hold hears none either', async () => {
      const { port, heard } = await listen('IMAP4rev1 STARTTLS', other);
      await expect(visit(`imap://${other}:${port}`)).rejects.toMatchObject({ code: 'config' });
      expect(heard()).toContain('STARTTLS');
      expect(heard()).not.toContain(ACCESS.password);
    });
  });

describe('a mail server that refuses', () => {
  it.each([
    ['LOGIN', 'NO [AUTHENTICATIONFAILED] non', 'auth'],
    ['LOGIN', 'NO [LIMIT] trop de connexions', 'unavailable'],
    ['LOGIN', 'NO [INUSE] déjà ouverte', 'unavailable'],
    ['LOGIN', 'NO [UNAVAILABLE] plus tard', 'unavailable'],
    ['EXAMINE', 'NO [NONEXISTENT] pas de tel dossier', 'config'],
    ['EXAMINE', 'NO [INUSE] verrouillé', 'unavailable'],
  ])('%s with « %s » is understood as %s', async (command, answer, code) => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => {
        for (const line of bytes
          .toString()
          .split('\r\n')
          .filter((one) => one !== '')) {
          const [tag = '', verb = ''] = line.split(' ');
          const list = verb === 'LIST' || verb === 'LSUB' ? `* ${verb} () "/" "INBOX"\r\n` : '';
          const capability = verb === 'CAPABILITY' ? '* CAPABILITY IMAP4rev1\r\n' : '';
          socket.write(`${list}${capability}${tag} ${verb === command ? answer : 'OK'}\r\n`);
        }
      });
      socket.write('* OK [CAPABILITY IMAP4rev1] prêt\r\n');
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    await expect(visit(`imap://127.0.0.1:${(server.address() as AddressInfo).port}`)).rejects.toMatchObject({ code });
  });
});
