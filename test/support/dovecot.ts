/** Debian's Dovecot, as a twin of the mailbox: the bot's suite runs against the real server too. */
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { RunningTwin, Twin } from '../../bots/twin.ts';
import { findProgram, installPackage } from './debian.ts';
import { ended, until } from './guarded.ts';
import { freePort } from './trial/ports.ts';

const PASSWORD = 'mot-de-passe-de-la-boite';

/** Dovecot's program, installed first when it may be. */
export function findDovecot({ say }: { say: (line: string) => void }): string | undefined {
  const found = findProgram(['dovecot']);
  if (found !== undefined) return found;
  return installPackage('dovecot-imapd', { say }) ? findProgram(['dovecot']) : undefined;
}

type Users = { internal: string; login: string; uid: number; gid: number };

/** As root Dovecot wants users without rights for its parts; otherwise everything is ours. */
function users(): Users {
  const { username, uid, gid } = userInfo();
  if (uid !== 0) return { internal: username, login: username, uid, gid };
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'dovecot']).toString());
  return { internal: 'dovecot', login: 'dovenull', uid: id('-u'), gid: id('-g') };
}

function configuration(folder: string, { port, password, internal, login, uid, gid }: Users & { port: number; password: string }): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = ${internal}
default_login_user = ${login}
first_valid_uid = ${uid}
last_valid_uid = ${uid}
first_valid_gid = ${gid}
mail_location = maildir:${folder}/mail
mailbox_list_index = no
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/home
}
service imap-login {
  chroot =
  inet_listener imap {
    address = 127.0.0.1
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
`;
}

class Server {
  readonly folder = mkdtempSync(join(tmpdir(), 'dovecot-'));
  readonly #program: string;
  readonly #users = users();
  readonly port: number;
  #child: ReturnType<typeof spawn> | undefined;
  readonly #startedMs = Date.now();
  #count = 0;

  constructor(program: string, port: number) {
    [this.#program, this.port] = [program, port];
    chmodSync(this.folder, 0o755);
    for (const name of ['mail', 'mail/new', 'mail/cur', 'mail/tmp', 'home']) this.#own(name, () => mkdirSync(join(this.folder, name)));
  }

  async start(password = PASSWORD): Promise<void> {
    const file = join(this.folder, 'dovecot.conf');
    writeFileSync(file, configuration(this.folder, { ...this.#users, port: this.port, password }));
    this.#child = spawn(this.#program, ['-F', '-c', file], { stdio: 'ignore', detached: true });
    const answers = (): Promise<true | undefined> =>
      new Promise((resolve) => {
        const socket = connect(this.port, '127.0.0.1', () => undefined);
        socket.once('data', () => resolve(true)).once('error', () => resolve(undefined));
        socket.once('close', () => resolve(undefined));
        setTimeout(() => socket.destroy(), 1000);
      });
    if ((await until(answers, { everyMs: 100 })) !== true) throw new Error('Dovecot does not start');
  }

  /** With all its processes, at once: asked kindly it takes a second, at each test. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    process.kill(-child.pid, 'SIGKILL');
    await ended(child);
  }

  /** As a delivery agent puts it there: whole, then renamed. */
  put(message: string): void {
    const name = `${Math.floor(Date.now() / 1000)}.M${(this.#count += 1)}P${process.pid}.essai`;
    this.#own(`mail/tmp/${name}`, () => writeFileSync(join(this.folder, 'mail/tmp', name), message));
    // INTERNALDATE is the file's, in whole seconds: one after another.
    const at = Math.floor(this.#startedMs / 1000) - 3600 + this.#count;
    utimesSync(join(this.folder, 'mail/tmp', name), at, at);
    renameSync(join(this.folder, 'mail/tmp', name), join(this.folder, 'mail/new', name));
  }

  #own(name: string, make: () => unknown): void {
    make();
    if (userInfo().uid === 0) chownSync(join(this.folder, name), this.#users.uid, this.#users.gid);
  }
}

/** `attached`: bytes of its attachment. */
type Mail = { from: string; to: readonly string[]; subject: string; text: string; attached?: number };

/** A mail as a platform sends it: encoded words, two alternatives in quoted-printable, an attachment that nobody should fetch. */
export function mailOf({ from, to, subject, text, attached = 200_000 }: Mail): string {
  const encode = (words: string): string => `=?UTF-8?B?${Buffer.from(words).toString('base64')}?=`;
  const quoted = (words: string): string =>
    [...Buffer.from(words)]
      .map((byte) => (byte > 126 || byte === 61 ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}` : String.fromCharCode(byte)))
      .join('');
  return [
    'Authentication-Results: mx.ville-claire.example; dkim=pass header.d=outil.example',
    `From: ${encode('Alertes de l’outil')} <${from}>`,
    `To: ${to.join(', ')}`,
    `Subject: ${encode(subject)}`,
    `Message-ID: <${randomUUID()}@outil.example>`,
    `Date: ${new Date().toUTCString()}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=dehors',
    '',
    '--dehors',
    'Content-Type: multipart/alternative; boundary=dedans',
    '',
    '--dedans',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    quoted(text),
    '--dedans',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Le même en HTML.</p>',
    '--dedans--',
    '--dehors',
    'Content-Type: application/pdf; name=pieces.pdf',
    'Content-Disposition: attachment; filename=pieces.pdf',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.alloc(attached, 1).toString('base64'),
    '--dehors--',
    '',
  ].join('\r\n');
}

const MANY_TOLD = 'autant de vrais mails prennent une demi-minute : onze cents sont lus à part, relève après relève';
const NOT_TOLD = 'le vrai Dovecot ne se dérègle pas sur commande ; la même règle tient avec la doublure du dossier mail';

/** `settings` are those of the folder's own twin: the rules of the mails are the same. */
export function dovecotTwin(program: string, settings: Record<string, unknown>): Twin {
  return {
    async start(): Promise<RunningTwin> {
      const server = new Server(program, await freePort());
      await server.start();
      const asked = new Map<string, { to: readonly string[]; title: string }>();
      const put = (to: readonly string[], subject: string, attached?: number): void => {
        const text = `Bonjour,\r\nÀ traiter : https://outil.example/demande/${asked.size}\r\n`;
        server.put(mailOf({ from: 'alertes@outil.example', to, subject, text, attached }));
      };
      const add = (to: readonly string[], title: string, attached?: number): string => {
        const key = `D-${asked.size + 1}`;
        asked.set(key, { to, title });
        put(to, `[${key}] ${title}`, attached);
        return key;
      };
      return {
        url: `imap://127.0.0.1:${server.port}`,
        config: { ...settings, server: `imap://127.0.0.1:${server.port}` },
        calls: [],
        acted: () => 0,
        add: (to, title = 'Demande') => add(to, title),
        addMany: (to, count) => Array.from({ length: count }, () => add(to, 'Demande', 100)),
        change(key) {
          const { to = [], title = '' } = asked.get(key) ?? {};
          put(to, `[${key}] ${title} (modifiée)`);
        },
        settle: (key) => put(asked.get(key)?.to ?? [], `Demande ${key} close`),
        fail: () => undefined,
        revoke: () => undefined,
        async stop() {
          await server.stop();
          rmSync(server.folder, { recursive: true, force: true });
        },
      };
    },
    skip: [
      'check: refused credentials are said as auth',
      'poll: 401 is auth',
      'poll: 500, half an answer and a server that is slow or hangs up are unavailable',
    ]
      .map((rule) => ({ rule, reason: NOT_TOLD }))
      .concat({ rule: 'bad input: ten thousand objects are all read', reason: MANY_TOLD }),
  };
}
