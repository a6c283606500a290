/** A real database as a twin of the view: the bot's suite runs against the server itself. */
import type { Fault, RunningTwin, Twin } from '../../bots/twin.ts';
import { openGate, type GateFault } from './sql-gate.ts';
import type { SqlServer } from './sql-servers.ts';

const PASSWORD = 'mot-de-passe-de-lecture';
const ROWS = 1000; // of one INSERT

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
let count = 0;

export type RealTwin = RunningTwin & {
  user: string;
  view: string;
  /** Of the table behind the view. */
  table: string;
  schema: string;
  /** After what was told before; answers when it has happened. */
  run(text: string): Promise<void>;
  cut(fault?: GateFault): void;
};

/** `settings` are those of the folder's own twin: the declaration is the same. */
export async function startRealTwin(server: SqlServer, settings: Record<string, unknown>): Promise<RealTwin> {
  const schema = `essai${(count += 1)}`;
  const [user, table, view] = [`lecture${count}`, `${schema}.commande`, `${schema}.commandes_a_valider`];
  let pending: Promise<void> = Promise.resolve();
  const run = (text: string): Promise<void> => (pending = pending.then(() => server.run(text)));
  const zoned = server.scheme === 'postgresql' ? 'timestamptz(3)' : 'timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)';
  const text = server.scheme === 'postgresql' ? 'text' : 'varchar(200) CHARACTER SET latin1';
  void run(server.createSchema(schema));
  const columns = `numero varchar(40), objet ${text}, valideur_mail text, montant numeric(10,2), echeance timestamp NULL, etat char(20), modifie_le ${zoned}`;
  void run(`CREATE TABLE ${table} (${columns})`);
  void run(`CREATE VIEW ${view} AS SELECT * FROM ${table} WHERE etat <> 'SUPPRIME'`);
  for (const one of server.reader(user, PASSWORD, view)) void run(one);
  await pending;
  const gate = await openGate(server.at, () => pending);
  const url = `${server.scheme}://127.0.0.1:${gate.port}`;
  const rowOf = (key: string, title: string, agents: readonly string[]): string =>
    `(${[key, title, agents.join(';')].map(literal).join(', ')}, 1250.00, '2026-11-27 16:00:00', 'A_VALIDER', CURRENT_TIMESTAMP(3))`;
  let last = 0;
  const addMany = (agents: readonly string[], many: number, title = 'Commande'): string[] => {
    const keys = Array.from({ length: many }, () => `BC-${(last += 1)}`);
    for (let from = 0; from < many; from += ROWS) {
      const rows = keys.slice(from, from + ROWS).map((key) => rowOf(key, title, agents));
      void run(`INSERT INTO ${table} VALUES ${rows.join(', ')}`);
    }
    return keys;
  };
  const fail = (fault?: Fault): void => {
    const isRefused = fault?.kind === 'status' && fault.status === 401;
    void run(server.newPassword(user, isRefused ? 'autre' : PASSWORD));
    gate.fault = isRefused ? undefined : gateFault(fault);
  };
  return {
    url,
    user,
    view,
    table,
    schema,
    run,
    config: { ...settings, server: `${url}/${server.database(schema)}`, user, password: PASSWORD, view },
    get calls() {
      return Array.from({ length: gate.entered() }, () => ({
        method: 'CONNECT',
        path: '/',
        query: new URLSearchParams(),
        headers: {},
        body: Buffer.alloc(0),
      }));
    },
    acted: () => 0,
    add: (agents, title) => addMany(agents, 1, title)[0] ?? '',
    addMany: (agents, many) => addMany(agents, many),
    change: (key) =>
      void run(`UPDATE ${table} SET objet = 'Commande modifiée', modifie_le = CURRENT_TIMESTAMP(3) WHERE numero = ${literal(key)}`),
    settle: (key) => void run(`UPDATE ${table} SET etat = 'SUPPRIME' WHERE numero = ${literal(key)}`),
    fail,
    cut: (fault) => void (gate.fault = fault),
    revoke: () => void run(server.newPassword(user, 'autre')),
    async stop() {
      await pending;
      await gate.stop();
    },
  };
}

/** What of an HTTP server's faults a connection to a database can have. */
function gateFault(fault?: Fault): GateFault | undefined {
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case 'slow':
      return { slowMs: fault.ms };
    case 'truncated':
      return { cutAfter: 500 };
    case 'gone':
      return 'gone';
    default:
      return { cutAfter: 0 };
  }
}

const NOT_TOLD = 'un vrai serveur ne répond pas autrement sur commande ; la même règle tient avec la doublure du dossier sql';

export function realTwin(server: SqlServer, settings: Record<string, unknown>): Twin {
  return {
    start: () => startRealTwin(server, settings),
    skip: [
      'bad input: every object twice is each once',
      'bad input: words in another case mean the same',
      'bad input: objects without any date are there',
      'bad input: members nobody knows are passed over',
      'bad input: text in another encoding than was said costs letters, not objects',
      'bad input: dates of another zone, or of none, are the same days and hours in Paris',
      'bad input: a clock that is an hour off closes nothing and passes over nothing',
      'bad input: an interface of another version is said, and closes nothing',
    ].map((rule) => ({ rule, reason: NOT_TOLD })),
  };
}
