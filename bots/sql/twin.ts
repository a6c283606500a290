/**
 * A database in which a finance tool's administrator made a view of the purchase orders that await somebody
 * (examples/commandes.sql): PostgreSQL's own protocol, and of its language what is asked of that view.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Fault, RunningTwin, Told, Twin, TwinCall, TwinOptions } from '../twin.ts';
import { type Asked, type Cell, type Result, Wire } from './twin-wire.ts';

type Order = { numero: string; objet: string; valideur_mail: string; montant: string; echeance: string; etat: string; modifie_le: string };

const [USER, PASSWORD, DATABASE] = ['ecritoire_lecture', 'mot-de-passe-de-lecture', 'finances'];
const [SCHEMA, VIEW] = ['ecritoire', 'commandes_a_valider'];
const COLUMNS = ['numero', 'objet', 'valideur_mail', 'montant', 'echeance', 'etat', 'modifie_le'] as const;
const [TEXT, TIMESTAMP, TIMESTAMPTZ] = [25, 1114, 1184];
const WAITING = 'A_VALIDER';

/** SQLSTATE by what an HTTP server would have said. */
const STATES: Readonly<Record<number, string>> = { 401: '28P01', 403: '42501', 404: '42P01', 410: '42P01', 429: '53300' };

class Tool {
  readonly orders = new Map<string, Order>();
  readonly calls: TwinCall[] = [];
  readonly open = new Set<Socket>();
  password = PASSWORD;
  isRevoked = false;
  #fault: Fault | undefined;
  #since = 0;
  #lastMs = 0;

  put(order: Omit<Order, 'modifie_le'>): void {
    // Each later than the one before, whatever the clock says.
    this.#lastMs = Math.max(Date.now(), this.#lastMs + 1);
    this.orders.set(order.numero, { ...order, modifie_le: new Date(this.#lastMs).toISOString() });
  }

  fail(fault?: Fault): void {
    [this.#fault, this.#since] = [fault, this.calls.length];
    if (fault?.kind === 'gone') for (const socket of this.open) socket.destroy();
  }

  call(method: string): Fault | undefined {
    this.calls.push({ method, path: `/${DATABASE}`, query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0) });
    return this.#fault !== undefined && this.calls.length - this.#since >= (this.#fault.from ?? 1) ? this.#fault : undefined;
  }

  get isGone(): boolean {
    return this.#fault?.kind === 'gone';
  }

  enter(user: string, database: string, password: string): string | undefined {
    const fault = this.call('CONNECT');
    if (fault?.kind === 'status') return STATES[fault.status] ?? 'XX000';
    if (this.isRevoked || user !== USER || password !== this.password) return '28P01';
    return database === DATABASE ? undefined : '3D000';
  }

  answer({ text, values }: Asked, fault: Fault | undefined): Result {
    if (fault?.kind === 'status') return { state: STATES[fault.status] ?? 'XX000' };
    if (/^(BEGIN|COMMIT)/.test(text)) return undefined;
    if (text.includes('epoch')) return { columns: [{ name: 'extract', type: TEXT }], rows: [[String(Date.now() / 1000)]] };
    const { rows, encoding } = this.#rows(fault);
    const names = Object.keys(rows[0] ?? Object.fromEntries(COLUMNS.map((name) => [name, ''])));
    if (text.includes('pg_catalog.')) {
      const columns = ['nspname', 'relname', 'attname'].map((name) => ({ name, type: TEXT }));
      return { columns, rows: values[0]?.toLowerCase() === VIEW ? names.map((name) => [SCHEMA, VIEW, name]) : [] };
    }
    const asked = [...(/^SELECT (.*?) FROM/.exec(text)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    if (asked.some((name) => !names.includes(name))) return { state: '42703' };
    const cell = (value: unknown): Cell => (typeof value === 'string' ? Buffer.from(written(value), encoding) : null);
    return {
      columns: asked.map((name) => ({ name, type: typeOf(rows.map((row) => row[name])) })),
      rows: rows.map((row) => asked.map((name) => cell(row[name]))),
    };
  }

  /** As a text that a fault changes, which may be in another encoding then. */
  #rows(fault: Fault | undefined): { rows: Record<string, unknown>[]; encoding: 'utf8' | 'latin1' } {
    const rows: Record<string, unknown>[] = [...this.orders.values()];
    if (fault?.kind !== 'mangled') return { rows, encoding: 'utf8' };
    const changed = fault.change(JSON.stringify(rows));
    const encoding = typeof changed === 'string' ? 'utf8' : 'latin1';
    return { rows: JSON.parse(changed.toString(encoding)) as Record<string, unknown>[], encoding };
  }
}

const [INSTANT, WALL] = [/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/, /^\d{4}-\d\d-\d\dT[\d:.]+$/];

function typeOf(values: readonly unknown[]): number {
  const said = values.find((value) => typeof value === 'string' && value !== '');
  if (typeof said !== 'string') return TEXT;
  return INSTANT.test(said) ? TIMESTAMPTZ : WALL.test(said) ? TIMESTAMP : TEXT;
}

/** Dates as the server writes them. */
function written(value: string): string {
  if (!INSTANT.test(value)) return WALL.test(value) ? value.replace('T', ' ') : value;
  return value.replace('T', ' ').replace('Z', '+00');
}

function connected(tool: Tool, socket: Socket): void {
  if (tool.isGone) {
    socket.destroy();
    return;
  }
  tool.open.add(socket);
  socket.on('close', () => tool.open.delete(socket));
  new Wire(socket, {
    enter: (user, database, password) => tool.enter(user, database, password),
    answer(asked, send) {
      const fault = tool.call(asked.text.split(/\s/)[0] ?? '');
      if (fault?.kind === 'hang-up' || fault?.kind === 'gone') socket.destroy();
      else if (fault?.kind === 'truncated') {
        const write = socket.write.bind(socket);
        socket.write = (bytes: Uint8Array) => {
          write(bytes.subarray(0, bytes.length / 2));
          socket.end();
          return true;
        };
        send(tool.answer(asked, fault));
      } else setTimeout(() => send(tool.answer(asked, fault)), fault?.kind === 'slow' ? fault.ms : 0);
    },
  });
}

async function start({ port = 0, secret = PASSWORD }: TwinOptions = {}): Promise<RunningTwin> {
  const tool = new Tool();
  tool.password = secret;
  const server = createServer((socket) => connected(tool, socket));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `postgresql://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let count = 0;
  const add = (agents: readonly string[], objet: string): string => {
    const numero = `BC-${(count += 1)}`;
    const echeance = '2026-11-27T16:00:00.000Z';
    tool.put({ numero, objet, valideur_mail: agents.join(';'), montant: '1250.00', echeance, etat: WAITING });
    return numero;
  };
  return {
    url,
    config: {
      server: `${url}/${DATABASE}`,
      user: USER,
      password: secret,
      tls: false,
      view: `${SCHEMA}.${VIEW}`,
      whole: true,
      kind: 'facture',
      columns: {
        id: 'NUMERO',
        revision: 'Modifie_le',
        title: '{objet} ({numero})',
        agent: { mail: 'valideur_mail' },
        due: 'echeance',
        state: { column: 'etat', open: ['a_valider'], closed: ['VALIDE'] },
      },
    },
    calls: tool.calls,
    acted: () => 0,
    add: (agents, title = 'Commande') => add(agents, title),
    addMany: (agents, many) => Array.from({ length: many }, () => add(agents, 'Commande')),
    change(key) {
      const order = tool.orders.get(key);
      if (order !== undefined) tool.put({ ...order, objet: `${order.objet} (modifiée)` });
    },
    settle: (key) => void tool.orders.delete(key),
    tell(object) {
      const order = orderOf(object);
      tool.put(order);
      return order.numero;
    },
    isOpen: (key) => tool.orders.has(key),
    fail: (fault) => tool.fail(fault),
    revoke: () => void (tool.isRevoked = true),
    restore: () => void (tool.isRevoked = false),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of tool.open) socket.destroy();
      }),
  };
}

function orderOf({ number, title, agents, dueAt = '' }: Told): Omit<Order, 'modifie_le'> {
  return {
    numero: `2026-${String(number).padStart(5, '0')}`,
    objet: title,
    valideur_mail: agents.join(';'),
    montant: '0.00',
    echeance: dueAt,
    etat: WAITING,
  };
}

const NO_HTTP = 'une base n’a ni pages HTML, ni redirections, ni Retry-After, ni marque d’encodage';

export const twin: Twin = {
  start,
  skip: [
    ...[
      'poll: a log-in page with 200 is auth',
      'poll: a redirect to a log-in page is auth',
      'poll: a redirect to another host is not followed',
      'poll: 429 and 503 say when to come again',
      'bad input: a byte order mark says nothing',
    ].map((rule) => ({ rule, reason: NO_HTTP })),
    {
      rule: 'bad input: a list that is cut short is never all there is',
      reason: 'le protocole dit où un résultat finit ; une réponse coupée est essayée par « truncated »',
    },
    {
      rule: 'bad input: a certificate that expired is a matter of the configuration, and nothing is sent',
      reason: 'TLS se demande dans le protocole : essayé dans test/unit/bots/io-sql.test.ts et contre MariaDB',
    },
  ],
};
