/** What « annuler » takes back, typed in any client: the decision that is meant, and never another one in its place. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestEvent } from '../../appservice/desk/event.ts';
import { AmberBed, type Folder } from '../support/amber-bed.ts';
import { PATIENCE_MS, until } from '../support/guarded.ts';

const NBSP = '\u00a0';
const BACK = 'Annulé\u00a0: votre liste est comme avant.';
let bed: AmberBed;
beforeAll(async () => {
  bed = await AmberBed.start('cancel');
  await bed.folder('Premier');
});
afterAll(() => bed.stop());

const SEEN = { timeout: PATIENCE_MS, interval: 50 };
const lastSaid = async (request: string): Promise<unknown> => (await bed.outcomes(request)).at(-1)?.event.content.body;
const isAside = async ({ key }: Folder): Promise<boolean> => (await bed.row(key))?.aside_at != null;

/** A folder that she has set aside by typing it; with the message that she typed. */
async function setAside(title: string): Promise<Folder & { typed: string }> {
  const folder = await bed.folder(title);
  const typed = await bed.type('fait', folder.message);
  expect(await bed.said(typed)).toBe('Mis de côté chez vous. Rien n’a été fait dans Parapheur.');
  return { ...folder, typed };
}

describe('« annuler »', () => {
  test('after an action that ran says that it ran, and takes back nothing older in its place', async () => {
    await bed.choose('twice');
    const older = await setAside('Rangé avant le visa');
    const folder = await bed.folder('Visé');
    const typed = await bed.type('viser', folder.message);
    await bed.outcome(typed, 'waiting');
    await bed.outcome(await bed.type('oui'), 'confirmed');
    expect(await bed.said(await bed.type('annuler'))).toBe(
      `Trop tard pour annuler «${NBSP}Viser${NBSP}»${NBSP}: la demande est déjà partie vers Parapheur.`,
    );
    expect(await bed.said(await bed.type('Annuler', folder.message))).toContain('Trop tard pour annuler');
    expect(await isAside(older)).toBe(true);
    await bed.choose(5);
  });

  test('in reply to an item, to what she typed or to what was answered takes back that one, not the latest', async () => {
    const [one, two, three] = [await setAside('Premier rangé'), await setAside('Deuxième rangé'), await setAside('Troisième rangé')];
    const last = await setAside('Dernier rangé');
    const answered = (await bed.outcome(two.typed, 'confirmed')).eventId;
    for (const [about, folder] of [
      [one.message, one],
      [answered, two],
      [three.typed, three],
    ] as const) {
      await bed.handled(await bed.type('annuler', about));
      expect(await isAside(folder)).toBe(false);
      await expect.poll(() => lastSaid(folder.typed), SEEN).toBe(`${BACK} Rien n’a été fait dans Parapheur.`);
    }
    expect(await isAside(last)).toBe(true);
    expect(await bed.said(await bed.type('annuler', one.message))).toBe('Rien à annuler.');
    expect(await isAside(last)).toBe(true);
  });

  test('on her phone says that what she asked on her page is stopped', async () => {
    const folder = await bed.folder('Demandé sur la page');
    const before = bed.tool.acted();
    const request = await bed.ask(folder, 'viser');
    await bed.outcome(request, 'waiting');
    const typed = await bed.type('annuler');
    expect(await bed.said(request)).toBe(`«${NBSP}Viser${NBSP}» annulé. Rien n’a été fait dans Parapheur.`);
    await bed.handled(typed);
    expect(bed.tool.acted()).toBe(before);
    bed.tool.settle(folder.key);
  });

  test('of a task of her own, made or ended, is said', async () => {
    const tasks = async () =>
      (await bed.matrix.store.selectFrom('work.placements').selectAll().where('connection', '=', 'tache').execute())[0];
    const make = requestEvent({ items: [], action: 'desk.task', input: { title: 'Rappeler' }, askedAt: Date.now() }).content;
    const made = await bed.send('fr.ecritoire.action', make);
    const message = await until(async () => (await tasks())?.event_id ?? undefined, { everyMs: 50 });
    const end = requestEvent({ items: [message ?? ''], action: 'terminer', askedAt: Date.now() }).content;
    const ended = await bed.send('fr.ecritoire.action', end);
    await bed.outcome(ended, 'confirmed');
    expect((await tasks())?.state).toBe('done');
    await bed.type('annuler');
    expect(await bed.said(ended)).toBe(BACK);
    expect((await tasks())?.state).toBe('todo');
    await bed.type('annuler');
    expect(await bed.said(made)).toBe(BACK);
    expect((await tasks())?.state).toBe('cancelled');
  });

  test('of what another agent was asked is none: her question still waits', async () => {
    const folder = await bed.folder('Question de Claire');
    const typed = await bed.type('viser', folder.message);
    await bed.outcome(typed, 'waiting');
    await bed.hands.accept('marc.roche', { title: 'Chez Marc' });
    const room_id = await bed.hands.room('desk:ville-claire:marc.roche');
    const redaction = { type: 'm.room.redaction', sender: '@marc.roche:desk.localhost', content: { redacts: typed } };
    await bed.deliver([{ event_id: '$not-his', room_id, ...redaction }]);
    await bed.handled('$not-his');
    await bed.outcome(await bed.type('oui'), 'waiting');
    bed.tool.settle(folder.key);
  });
});
