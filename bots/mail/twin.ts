/** A mailbox into which a tool writes its alerts: as much of IMAP4rev1 (RFC 3501) and IDLE (RFC 2177) as a reader needs. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Fault, RunningTwin, Told, Twin, TwinCall, TwinOptions } from '../twin.ts';

type Alert = { uid: number; from: string; to: readonly string[]; subject: string; text: string; at: Date };

const [USER, PASSWORD] = ['depot@ville-claire.example', 'mot-de-passe-de-la-boite'];
const DOMAIN = 'outil.example';
const SERIES = 'series@serie.example';
const PLATFORM = 'marches-publics.gouv.fr';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

class Box {
  readonly alerts: Alert[] = [];
  readonly calls: TwinCall[] = [];
  readonly open = new Set<Session>();
  isRevoked = false;
  #fault: Fault | undefined;
  #since = 0;

  /** Another one at every start: numbers begin anew. */
  readonly validity = Math.floor(Date.now() / 1000);
  password = PASSWORD;

  put(to: readonly string[], subject: string, from = `alertes@${DOMAIN}`): void {
    const uid = this.alerts.length + 1;
    const text = `Bonjour,\r\n\r\nhttps://outil.example/demande/${uid} vous attend.\r\n`;
    // One second after another: the protocol knows no shorter time.
    const at = new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000 + uid * 1000);
    this.receive({ from, to, subject, text, at });
  }

  receive(mail: Omit<Alert, 'uid'>): void {
    this.alerts.push({ uid: this.alerts.length + 1, ...mail });
    for (const session of this.open) session.tell();
  }

  fail(fault?: Fault): void {
    [this.#fault, this.#since] = [fault, this.calls.length];
    if (fault?.kind === 'hang-up') for (const session of this.open) session.hangUp();
  }

  call(method: string): Fault | undefined {
    this.calls.push({ method, path: '/INBOX', query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0) });
    const fault = this.#fault;
    return fault !== undefined && this.calls.length - this.#since >= (fault.from ?? 1) ? fault : undefined;
  }
}

class Session {
  readonly #box: Box;
  readonly #socket: Socket;
  #idle: string | undefined;
  /** How many mails it was told of. */
  #told = 0;
  #rest = '';

  constructor(box: Box, socket: Socket) {
    [this.#box, this.#socket] = [box, socket];
    box.open.add(this);
    socket.setNoDelay(true);
    socket.on('close', () => box.open.delete(this));
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => this.#read(bytes.toString('utf8')));
    socket.write('* OK [CAPABILITY IMAP4rev1 IDLE] prêt\r\n');
  }

  /** What is new, to who waits for it; to others as soon as they do. */
  tell(): void {
    const many = this.#box.alerts.length;
    if (this.#idle === undefined || many === this.#told) return;
    this.#told = many;
    this.#socket.write(`* ${many} EXISTS\r\n`);
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (this.#idle !== undefined && /^done$/i.test(line)) {
      this.#socket.write(`${this.#idle} OK IDLE\r\n`);
      this.#idle = undefined;
      return;
    }
    const [, tag = '', verb = '', rest = ''] = /^(\S+) ((?:UID )?\S+) ?(.*)$/i.exec(line) ?? [];
    const name = verb.toUpperCase();
    const fault = this.#box.call(name);
    if (fault?.kind === 'hang-up' || fault?.kind === 'gone') this.#socket.destroy();
    else setTimeout(() => this.#answer({ tag, name, rest, fault }), fault?.kind === 'slow' ? fault.ms : 0);
  }

  #answer({ tag, name, rest, fault }: { tag: string; name: string; rest: string; fault: Fault | undefined }): void {
    const said = this.#refusal({ name, rest, fault });
    if (said !== undefined) {
      this.#end(tag, said);
      return;
    }
    const untagged = this.#untagged(name, rest);
    if (name === 'EXAMINE') this.#told = this.#box.alerts.length;
    if (fault?.kind === 'truncated' && name.startsWith('UID')) {
      this.#socket.end(untagged.join('').slice(0, -12));
      return;
    }
    this.#socket.write(untagged.join(''));
    if (name === 'IDLE') {
      this.#idle = tag;
      this.#socket.write('+ attente\r\n');
      this.tell();
    } else this.#end(tag, name === 'EXAMINE' ? 'OK [READ-ONLY] ouverte' : `OK ${name}`);
  }

  #refusal({ name, rest, fault }: { name: string; rest: string; fault: Fault | undefined }): string | undefined {
    const status = fault?.kind === 'status' ? fault.status : 200;
    if (status >= 500) return 'NO [UNAVAILABLE] plus tard';
    const isRefused = this.#box.isRevoked || status === 401 || !rest.includes(this.#box.password);
    return name === 'LOGIN' && isRefused ? 'NO [AUTHENTICATIONFAILED] refusé' : undefined;
  }

  #end(tag: string, words: string): void {
    this.#socket.write(`${tag} ${words}\r\n`);
  }

  #untagged(name: string, rest: string): string[] {
    const { alerts } = this.#box;
    switch (name) {
      case 'CAPABILITY':
        return ['* CAPABILITY IMAP4rev1 IDLE\r\n'];
      case 'LIST':
      case 'LSUB':
        return [`* ${name} (\\HasNoChildren) "/" "INBOX"\r\n`];
      case 'EXAMINE':
        return [
          `* FLAGS (\\Seen)\r\n* ${alerts.length} EXISTS\r\n* 0 RECENT\r\n`,
          `* OK [UIDVALIDITY ${this.#box.validity}] ok\r\n* OK [UIDNEXT ${alerts.length + 1}] ok\r\n`,
        ];
      case 'UID SEARCH': {
        const from = Number(/UID (\d+):\*/i.exec(rest)?.[1] ?? 1);
        // What `*` names is there whatever its number, as the protocol says.
        const uids = alerts.map(({ uid }) => uid).filter((uid) => uid >= from || uid === alerts.length);
        return [`* SEARCH ${uids.join(' ')}\r\n`.replace(' \r', '\r')];
      }
      case 'UID FETCH':
        return namedBy(rest.split(' ')[0] ?? '', alerts).map((alert) => fetched(alert, rest));
      default:
        return [];
    }
  }
}

/** Their uids are their places, from 1 on. */
function namedBy(set: string, alerts: readonly Alert[]): Alert[] {
  return set.split(',').flatMap((range) => {
    const [from = '', to = from] = range.split(':');
    return alerts.slice(Number(from) - 1, to === '*' ? alerts.length : Number(to));
  });
}

function fetched({ uid, from: sentBy, to, subject, text, at }: Alert, asked: string): string {
  const day = `${String(at.getUTCDate()).padStart(2, '0')}-${MONTHS[at.getUTCMonth()] ?? ''}-${at.getUTCFullYear()}`;
  const encoded = `=?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`;
  const address = (mail: string) => `(NIL NIL "${mail.split('@')[0] ?? ''}" "${mail.split('@')[1] ?? ''}")`;
  const [sender, domain] = [`(${address(sentBy)})`, sentBy.split('@')[1] ?? ''];
  const results = `Authentication-Results: mx.ville-claire.example;\r\n dkim=pass header.d=${domain}\r\n\r\n`;
  const body = (part: string): string =>
    part.startsWith('HEADER.FIELDS') ? results : part.endsWith('MIME') ? 'Content-Type: text/plain; charset=utf-8\r\n\r\n' : text;
  const parts = [...asked.matchAll(/BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?/gi)].map(([, part = '', from, size]) => {
    const bytes = Buffer.from(body(part.toUpperCase()));
    const cut = from === undefined ? bytes : bytes.subarray(Number(from), Number(from) + Number(size));
    return `BODY[${part.toUpperCase()}]${from === undefined ? '' : `<${from}>`} {${cut.length}}\r\n${cut.toString('utf8')}`;
  });
  const items = [
    `UID ${uid}`,
    `INTERNALDATE "${day} ${at.toISOString().slice(11, 19)} +0000"`,
    `ENVELOPE ("${at.toUTCString()}" "${encoded}" ${sender} ${sender} ${sender} (${to.map(address).join('')}) NIL NIL NIL "<${at.getTime()}.${uid}@${domain}>")`,
    `BODYSTRUCTURE ("text" "plain" ("charset" "utf-8") NIL NIL "8bit" ${Buffer.from(text).length} 3 NIL NIL NIL NIL)`,
    `RFC822.SIZE ${text.length}`,
    ...parts,
  ];
  return `* ${uid} FETCH (${items.join(' ')})\r\n`;
}

/** Alerts of a platform for public contracts (examples/place.yaml), by the kind of what is told. */
const ALERTS: Readonly<Record<string, { subject: string; text: (told: Told) => string }>> = {
  depot: {
    subject: 'Accusé de dépôt d’une réponse électronique',
    text: ({ dossier = '' }) => `Une réponse a été déposée.\r\nhttps://www.${PLATFORM}/agent/consultation/${dossier}\r\n`,
  },
  question: { subject: 'Nouvelle question d’une entreprise', text: () => 'Une entreprise a posé une question.\r\n' },
  plis: {
    subject: 'Ouverture des plis',
    text: ({ dueAt = '' }) => {
      const [, year, month, day, hour = '09:00'] = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?/.exec(dueAt) ?? [];
      return `Les plis peuvent être ouverts à partir du ${day ?? ''}/${month ?? ''}/${year ?? ''} à ${hour}.\r\n`;
    },
  },
};

function alertOf(told: Told): Omit<Alert, 'uid'> {
  const { subject, text } = ALERTS[told.kind] ?? { subject: 'Nouvelle question', text: () => '' };
  return {
    from: `nepasrepondre@${PLATFORM}`,
    to: [USER],
    subject: `[PLACE] ${subject} - ${told.dossier ?? ''}`,
    text: `Bonjour,\r\n\r\n${text(told)}`,
    at: new Date(told.at),
  };
}

const RULE = { from: [`@${DOMAIN}`], id: '{numéro}', agent: { mail: 'destinataires' } };

async function start({ port = 0, secret = PASSWORD }: TwinOptions = {}): Promise<RunningTwin> {
  const box = new Box();
  box.password = secret;
  const asked = new Map<string, { agents: readonly string[]; title: string }>();
  const server: Server = createServer((socket) => new Session(box, socket));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `imap://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    config: {
      server: url,
      user: USER,
      password: secret,
      authserv: 'mx.ville-claire.example',
      rules: [
        {
          ...RULE,
          subject: '^\\[(?<numéro>D-\\d+)\\] (?<titre>.+)$',
          body: '(?<lien>https://outil\\.example/\\S+)',
          title: '{titre}',
          link: 'lien',
          kind: 'demande',
        },
        { ...RULE, subject: '^Demande (?<numéro>D-\\d+) close$', title: 'objet', ends: 'done' },
        { ...RULE, from: [SERIES], subject: '^(?<titre>.+), n° (?<numéro>L-\\d+)$', title: '{titre}', kind: 'demande' },
      ],
    },
    calls: box.calls,
    acted: () => 0,
    add(agents, title = 'Demande') {
      const key = `D-${asked.size + 1}`;
      asked.set(key, { agents, title });
      box.put(agents, `[${key}] ${title}`);
      return key;
    },
    /** Of a sort that says all in its subject: they are read by hundreds, not each for itself. */
    addMany(agents, many) {
      const keys = Array.from({ length: many }, (_, n) => `L-${n + 1}`);
      for (const key of keys) box.put(agents, `Demande, n° ${key}`, SERIES);
      return keys;
    },
    change(key) {
      const { agents = [], title = '' } = asked.get(key) ?? {};
      box.put(agents, `[${key}] ${title} (modifiée)`);
    },
    settle: (key) => box.put(asked.get(key)?.agents ?? [], `Demande ${key} close`),
    tell(object) {
      box.receive(alertOf(object));
      return String(object.number);
    },
    // What a mail asked is not taken back.
    isOpen: () => true,
    fail: (fault) => box.fail(fault),
    revoke() {
      box.isRevoked = true;
    },
    restore() {
      box.isRevoked = false;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of box.open) session.hangUp();
      }),
  };
}

const NO_HTTP = 'IMAP n’a ni pages, ni redirections, ni code 429, ni JSON ; ses propres défauts : test/unit/bots/mail.test.ts et Dovecot';

export const twin: Twin = {
  start,
  skip: [
    {
      rule: 'poll: an empty tool is swept completely',
      reason: 'une boîte ne dit jamais ce qui n’y est plus demandé : seul un mail le dit',
    },
    ...[
      'poll: a log-in page with 200 is auth',
      'poll: a redirect to a log-in page is auth',
      'poll: a redirect to another host is not followed',
      'poll: 429 and 503 say when to come again',
      'bad input: every object twice is each once',
      'bad input: words in another case mean the same',
      'bad input: objects without any date are there',
      'bad input: members nobody knows are passed over',
      'bad input: a byte order mark says nothing',
      'bad input: text in another encoding than was said costs letters, not objects',
      'bad input: a list that is cut short is never all there is',
      'bad input: dates of another zone, or of none, are the same days and hours in Paris',
      'bad input: a clock that is an hour off closes nothing and passes over nothing',
      'bad input: an interface of another version is said, and closes nothing',
    ].map((rule) => ({ rule, reason: NO_HTTP })),
  ],
};
