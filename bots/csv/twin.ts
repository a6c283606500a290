/** A folder into which a tool drops its list: written beside, then renamed, with a byte order mark, semicolons and French dates. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningTwin, Twin } from '../twin.ts';

type Line = { id: string; title: string; agents: string; state: string };

const HEADER = ['N° demande', 'Objet', 'Valideur', 'À traiter avant le', 'État'];

class Export {
  readonly folder = mkdtempSync(join(tmpdir(), 'depot-'));
  readonly lines = new Map<string, Line>();

  write(): void {
    const rows = [...this.lines.values()].map(({ id, title, agents, state }) => [id, title, agents, '27/11/2026 17:00', state]);
    const quoted = [HEADER, ...rows].map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';'));
    const part = join(this.folder, 'demandes.csv.part');
    writeFileSync(part, `\uFEFF${quoted.join('\r\n')}\r\n`);
    renameSync(part, join(this.folder, 'demandes.csv'));
  }

  put(line: Line): void {
    this.lines.set(line.id, line);
    this.write();
  }
}

function start(): Promise<RunningTwin> {
  const tool = new Export();
  tool.write();
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
        agent: { mail: 'Valideur' },
        due: 'À traiter avant le',
        state: { column: 'État', closed: ['Validée', 'Refusée'] },
      },
    },
    calls: [],
    acted: () => 0,
    add(agents, title = 'Demande') {
      const id = `D-${(count += 1)}`;
      tool.put({ id, title, agents: agents.join(';'), state: 'En attente' });
      return id;
    },
    change(key) {
      const line = tool.lines.get(key);
      if (line !== undefined) tool.put({ ...line, title: `${line.title} (modifiée)` });
    },
    settle(key) {
      tool.lines.delete(key);
      tool.write();
    },
    fail: () => undefined,
    revoke: () => undefined,
    stop() {
      rmSync(tool.folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
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
  ].map((rule) => ({ rule, reason: NO_SERVER })),
};
