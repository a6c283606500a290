/** The list that a tool exports, whole each time: with a byte order mark, semicolons and French dates. */
import type { RunningTwin, Told } from '../twin.ts';

type Line = { id: string; title: string; agents: string; state: string; due?: string; who?: string };

/** Those of a GTA (examples/gta.csv), and what a tool of another sort calls its thing. */
const HEADER = ['N° demande', 'Agent', 'Objet', 'Mail valideur', 'À valider avant le', 'État'];
const WAITING = 'En attente';

/** The list of a tool; `drop` is given the whole of it, each time it is another. */
export class Export {
  readonly lines = new Map<string, Line>();
  readonly #drop: (text: string) => void;
  #writing: NodeJS.Immediate | undefined;

  constructor(drop: (text: string) => void) {
    this.#drop = drop;
  }

  write(): void {
    const rows = [...this.lines.values()].map(({ id, who = '', title, agents, due = '27/11/2026 17:00', state }) => [
      ...[id, who, title, agents, due, state],
    ]);
    const quoted = [HEADER, ...rows].map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';'));
    this.#drop(`\uFEFF${quoted.join('\r\n')}\r\n`);
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

/** What the list is, wherever it is dropped. */
export const DECLARED = {
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
};

type Controls = 'acted' | 'add' | 'addMany' | 'change' | 'settle' | 'tell' | 'isOpen';

export function controlsOf(tool: Export): Required<Pick<RunningTwin, Controls>> {
  let count = 0;
  return {
    acted: () => 0,
    add(agents, title = 'Demande') {
      const id = `D-${(count += 1)}`;
      tool.put({ id, title, agents: agents.join(';'), state: WAITING });
      return id;
    },
    addMany(agents, many) {
      const ids = Array.from({ length: many }, () => `D-${(count += 1)}`);
      for (const id of ids) tool.lines.set(id, { id, title: 'Demande', agents: agents.join(';'), state: WAITING });
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
  };
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
