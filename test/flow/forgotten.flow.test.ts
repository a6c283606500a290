/** The homeserver is put back from a backup: what it forgot is sent again, and every item is in its room exactly once. */
import { copyFile, cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MatrixEvent } from '../../appservice/desk/event.ts';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { until } from '../support/guarded.ts';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

beforeAll(async () => {
  bed = await startMatrixBed('forgotten');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

const databases = async (): Promise<string[]> =>
  (await readdir(join(bed.folder, 'synapse'))).filter((name) => name.startsWith('homeserver.db'));

async function backUp(): Promise<void> {
  await bed.killSynapse();
  await mkdir(join(bed.folder, 'backup'));
  for (const name of await databases()) await copyFile(join(bed.folder, 'synapse', name), join(bed.folder, 'backup', name));
  await bed.restartSynapse();
}

async function restore(): Promise<void> {
  await bed.killSynapse();
  for (const name of await databases()) await rm(join(bed.folder, 'synapse', name));
  await cp(join(bed.folder, 'backup'), join(bed.folder, 'synapse'), { recursive: true });
  await bed.restartSynapse();
}

/** The titles of a desk as any client shows it: each message by its latest edit. */
async function titles(agent: string): Promise<string[]> {
  const all = await hands.timeline(await hands.room(`desk:ville-claire:${agent}`));
  const items = all.filter(
    ({ type, content }) => type === 'm.room.message' && ('fr.ecritoire.item' in content || 'm.new_content' in content),
  );
  const originals = items.filter(({ content }) => !('m.new_content' in content));
  const stray = items.filter(
    ({ content }) => 'm.new_content' in content && !originals.some(({ event_id }) => event_id === target(content)),
  );
  expect(stray).toEqual([]);
  return originals.map((original) => titleOf(items.findLast((one) => target(one.content) === original.event_id) ?? original)).sort();
}

function target(content: Record<string, unknown>): unknown {
  const relation = content['m.relates_to'];
  return typeof relation === 'object' && relation !== null ? Reflect.get(relation, 'event_id') : undefined;
}

function titleOf({ content }: MatrixEvent): string {
  const shown = JSON.stringify(content['m.new_content'] ?? content);
  return /"title":"([^"]+)"/.exec(shown)?.[1] ?? '';
}

test('yesterday’s backup is put back: what it forgot is sent again, once, and said to the admins', async () => {
  await hands.accept('ada', { id: 'before', title: 'Avant la sauvegarde' });
  await hands.messages('ada', 1);
  await hands.drained();
  await backUp();
  // Since then: a change of what was there, new items, a new connection in the room, a new desk.
  await hands.accept('ada', { id: 'before', title: 'Avant, changé depuis' });
  await hands.accept('ada', { id: 'after', title: 'Après la sauvegarde' });
  await hands.accept('ada', { id: 'folder', title: 'Parapheur', connection: 'parapheur' });
  await hands.accept('ada', { id: 'gone', title: 'Fini depuis' });
  await hands.messages('ada', 4);
  await hands.drained();
  await hands.accept('ada', { id: 'gone', title: 'Fini depuis', state: 'done' });
  await hands.accept('bea', { id: 'new', title: 'Nouveau bureau' });
  await hands.messages('bea', 1);
  await hands.drained();
  await restore();
  await hands.accept('ada', { id: 'after', title: 'Après, changé encore' });
  const expected = ['Après, changé encore', 'Avant, changé depuis', 'Fini depuis', 'Parapheur'];
  const isBack = async (): Promise<true | undefined> =>
    JSON.stringify(await titles('ada').catch(() => [])) === JSON.stringify(expected) ? true : undefined;
  await until(isBack, { everyMs: 500 });
  await hands.drained();
  expect(await titles('ada')).toEqual(expected);
  expect(await titles('bea')).toEqual(['Nouveau bureau']);
  const room = await hands.room('desk:ville-claire:ada');
  expect((await hands.state(room, 'fr.ecritoire.tool', 'gta'))?.counts).toMatchObject({ open: 2 });
  expect((await hands.state(room, 'fr.ecritoire.tool', 'parapheur'))?.counts).toMatchObject({ open: 1 });
  const dead = await bed.store.selectFrom('work.outbox').select(['kind', 'dead_reason']).where('dead_at', 'is not', null).execute();
  expect(dead).toEqual([]);
  const said = (await hands.timeline(await hands.room('admin:ville-claire'))).map(({ content }) =>
    typeof content.body === 'string' ? content.body : '',
  );
  expect(said.filter((body) => body.startsWith('Le serveur Matrix a été remis dans un état plus ancien\u00a0: '))).toHaveLength(1);
});
