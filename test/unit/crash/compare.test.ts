import { describe, expect, it } from 'vitest';
import type { MatrixEvent } from '../../../appservice/desk/event.ts';
import { comparePlacement } from '../../crash/compare.ts';
import { Findings } from '../../crash/findings.ts';
import { compareTool } from '../../crash/compare-tools.ts';
import { Model } from '../../crash/model.ts';
import { RoomView } from '../../crash/room-view.ts';

const KEY = 'gta:gta:1';
const AGENT = 'agent.un';

/** What was accepted: two revisions of one item. */
function model(): Model {
  const said = new Model();
  for (const revision of [10, 20]) {
    const title = `Objet ${String(revision)}`;
    said.accept(
      { id: `d${String(revision)}`, connection: 'gta', key: KEY, revision, op: 'upsert', to: [AGENT], title, severity: 'urgent' },
      0,
    );
  }
  return said;
}

const shown = (revision: number, title = `Objet ${String(revision)}`) => ({
  v: 1,
  bot: 'gta',
  connection: 'gta',
  key: KEY,
  revision,
  kind: 'autre',
  title,
  severity: 'urgent',
  state: 'todo',
  updatedAt: '2026-11-20T00:00:00Z',
  people: [],
  actions: [],
});

const event = (id: string, type: string, content: Record<string, unknown>, more: Partial<MatrixEvent> = {}): MatrixEvent => {
  return { event_id: id, type, sender: '@ecritoire_gta:desk.localhost', origin_server_ts: 1, content, ...more };
};
const first = (id: string, revision: number, title?: string) =>
  event(id, 'm.room.message', { 'fr.ecritoire.item': shown(revision, title), 'fr.ecritoire.row': `row${id}` });
const edit = (id: string, original: string, revision: number) =>
  event(id, 'm.room.message', {
    'm.new_content': { 'fr.ecritoire.item': shown(revision) },
    'm.relates_to': { rel_type: 'm.replace', event_id: original },
    'fr.ecritoire.row': `row${id}`,
  });
const tool = (open: number) =>
  event(
    '$tool',
    'fr.ecritoire.tool',
    { counts: { open, urgent: open, undated: open, aside: 0 }, first: [{ event_id: '$1' }], more: open - 1 },
    { state_key: 'gta' },
  );

async function judge(...events: MatrixEvent[]): Promise<string[]> {
  const ask = () => Promise.resolve({ chunk: [...events].reverse() });
  const view = new RoomView({ roomId: '!r', agent: AGENT, mxid: `@${AGENT}:desk.localhost`, ask });
  await view.readOn();
  const [findings, said] = [new Findings(), model()];
  comparePlacement(view, KEY, { expected: said.shown(KEY).get(AGENT), accepted: said.accepted, findings });
  for (const connection of view.tools.keys()) compareTool(view, connection, { model: said, findings });
  return findings.texts().map((text) => text.split(':')[0] ?? '');
}

describe('the comparison', () => {
  it('is content with a message and its edit, and with one message that says the newest', async () => {
    expect(await judge(first('$1', 10), edit('$2', '$1', 20), tool(1))).toEqual([]);
    expect(await judge(first('$1', 20), tool(1))).toEqual([]);
  });

  it('takes what was set aside for aside or back, once it has moved, and for nothing else', async () => {
    const reaction = { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$1', key: '✅' } };
    const aside = event('$3', 'm.reaction', reaction, { sender: `@${AGENT}:desk.localhost` });
    const counts = (open: number, away: number) =>
      event(
        '$tool',
        'fr.ecritoire.tool',
        { counts: { open, urgent: open, undated: open, aside: away }, first: [], more: open },
        { state_key: 'gta' },
      );
    const moved = [first('$1', 10), aside, edit('$2', '$1', 20)];
    expect(await judge(...moved, counts(0, 1))).toEqual([]);
    expect(await judge(...moved, counts(1, 0))).toEqual([]);
    expect(await judge(...moved, counts(1, 1))).toEqual(['wrongState']);
    expect(await judge(first('$1', 20), aside, counts(0, 1))).toEqual([]);
    expect(await judge(first('$1', 20), aside, counts(1, 0))).toContain('wrongState');
  });

  it('finds what is lost, doubled, out of order or wrong', async () => {
    expect(await judge()).toEqual(['lost']);
    expect(await judge(first('$1', 10))).toContain('lost');
    expect(await judge(first('$1', 20), first('$2', 20))).toContain('doubled');
    expect(await judge(first('$1', 20), edit('$2', '$1', 10), edit('$3', '$1', 20))).toEqual(['outOfOrder']);
    expect(await judge(first('$1', 20, 'Autre titre'))).toEqual(['wrongState']);
    expect(await judge(first('$1', 20), tool(2))).toEqual(['wrongState', 'wrongState']);
  });
});
