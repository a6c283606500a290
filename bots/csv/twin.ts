/** A folder into which a tool drops its list: written beside, then renamed, with a byte order mark, semicolons and French dates. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningTwin, Told, Twin, TwinOptions } from '../twin.ts';

type Line = { id: string; title: string; agents: string; state: string; due?: string; who?: string };

/** Those of a GTA (examples/gta.csv), and what a tool of another sort calls its thing. */
const HEADER = ['N° demande', 'Agent', 'Objet', 'Mail valideur', 'À valider avant le', 'État'];
const WAITING = 'En attente';

class Export {
  readonly folder: string;
  readonly lines = new Map<string, Line>();
  #writing: NodeJS.Immediate | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  write(): void {
    const rows = [...this.lines.values()].map(({ id, who = '', title, agents, due = '27/11/2026 17:00', state }) => [
      ...[id, who, title, agents, due, state],
    ]);
    const quoted = [HEADER, ...rows].map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';'));
    const part = join(this.folder, 'demandes.csv.part');
    writeFileSync(part, `\uFEFF${quoted.join('\r\n')}\r\n`);
    renameSync(part, join(this.folder, 'demandes.csv'));
  }

  put(line: Line): void {
    this.lines.set(line.id, line);
    this.write();
  }

  /** Whatever is told at once is in one file: a list that lacks some of it would say that they are over. */
  tell(line: Line): void {
    this.lines.set(line.id, line);
    this.#writing ??= setImmediate(() => {
      this.#writing = undefined;
      this.write();
    });
  }
}

function start({ folder }: TwinOptions = {}): Promise<RunningTwin> {
  const tool = new Export(folder ?? mkdtempSync(join(tmpdir(), 'depot-')));
  // What an earlier run dropped there stands until something is told.
  if (folder === undefined) tool.write();
  let count = 0;
  return Promise.resolve({
    url: `file://${tool.folder}`,
    config: {
      folder: tool.folder,
      renamed: true,
      whole: true,
      kind: 'demande',
      columns: {
        id: 'N° demande',
        title: '{Objet} ({N° demande})',
        agent: { mail: 'Mail valideur' },
        due: 'À valider avant le',
        state: { column: 'État', closed: ['Validée', 'Refusée'] },
      },
    },
    calls: [],
    acted: () => 0,
    add(agents, title = 'Demande') {
      const id = `D-${(count += 1)}`;
      tool.put({ id, title, agents: agents.join(';'), state: WAITING });
      return id;
    },
    addMany(agents, many) {
      const ids = Array.from({ length: many }, () => `D-${(count += 1)}`);
      for (const id of ids) tool.lines.set(id, { id, title: 'Demande', agents: agents.join(';'), state: 'En attente' });
      tool.write();
      return ids;
    },
    change(key) {
      const line = tool.lines.get(key);
      if (line !== undefined) tool.put({ ...line, title: `${line.title} (modifiée)` });
    },
    settle(key) {
      tool.lines.delete(key);
      tool.write();
    },
    tell(object) {
      const line = lineOf(object);
      tool.tell(line);
      return line.id;
    },
    isOpen: (key) => tool.lines.has(key),
    fail: () => undefined,
    revoke: () => undefined,
    stop() {
      if (folder === undefined) rmSync(tool.folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
}

function lineOf({ number, title, agents, by, dueAt }: Told): Line {
  const due = dueAt === undefined ? '' : dueAt.replace(/^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d).*)?$/, '$3/$2/$1 $4').trim();
  return {
    id: `2026-${String(number).padStart(4, '0')}`,
    title,
    agents: agents.join(';'),
    state: WAITING,
    due,
    ...(by !== undefined && { who: by }),
  };
}

const NO_SERVER = 'un dossier de cette machine n’a ni compte ni réponses HTTP ; ses propres défauts : test/unit/bots/csv.test.ts';

export const twin: Twin = {
  start,
  skip: [
    'check: refused credentials are said as auth',
    'poll: 401 is auth',
    'poll: a log-in page with 200 is auth',
    'poll: a redirect to a log-in page is auth',
    'poll: a redirect to another host is not followed',
    'poll: 429 and 503 say when to come again',
    'poll: 500, half an answer and a server that is slow or hangs up are unavailable',
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
    'bad input: a server that is gone is unavailable, for as long as it is',
    'bad input: a certificate that expired is a matter of the configuration, and nothing is sent',
    'bad input: an address of our own networks is not connected to unless it is listed',
  ].map((rule) => ({ rule, reason: NO_SERVER })),
};
