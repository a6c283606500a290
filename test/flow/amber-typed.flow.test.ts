/** What has to be confirmed, typed in any Matrix client: asked about, run by « oui », dropped by « non », never guessed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AmberBed } from '../support/amber-bed.ts';
import { PATIENCE_MS, pause } from '../support/guarded.ts';

const NBSP = '\u00a0';
let bed: AmberBed;
beforeAll(async () => {
  bed = await AmberBed.start('amber-typed');
  await bed.folder('Premier');
  await bed.choose('twice'); // the window itself is tried elsewhere
});
afterAll(() => bed.stop());

/** The message in which the desk bot asks. */
async function question(typed: string): Promise<string> {
  return (await bed.outcome(typed, 'waiting')).eventId;
}

describe('« viser » in reply to an item', () => {
  test('is asked about, and « oui » in reply runs it once, whatever is typed after', async () => {
    const folder = await bed.folder('Convention A');
    const before = bed.tool.acted();
    const typed = await bed.type('> <@ecritoire_iparapheur:desk.localhost> À viser\n\nVISER !', folder.message);
    expect(await bed.said(typed)).toBe(
      `Répondez «${NBSP}oui${NBSP}» pour viser «${NBSP}Convention A${NBSP}» dans Parapheur. Sans réponse sous 15${NBSP}minutes, rien n’est fait.`,
    );
    expect(bed.tool.acted()).toBe(before);
    const asked = await question(typed);
    const yes = await bed.type('Oui', asked);
    expect(await bed.said(yes)).toBe(`«${NBSP}Viser${NBSP}»${NBSP}: c’est fait dans Parapheur.`);
    expect(bed.tool.acted()).toBe(before + 1);
    const again = await bed.type('oui', asked);
    expect(await bed.said(again)).toBe(
      `«${NBSP}Viser${NBSP}» n’attend plus de réponse${NBSP}: c’est déjà répondu ou abandonné. Rien de plus n’est fait dans Parapheur.`,
    );
    expect(bed.tool.acted()).toBe(before + 1);
    expect((await bed.row(folder.key))?.content.lastAction).toMatchObject({ action: 'viser', through: 'reply', outcome: 'confirmed' });
  });

  test('« rejeter pièce manquante » keeps the words after it, and a bare « oui » is its answer', async () => {
    const folder = await bed.folder('Convention B');
    const typed = await bed.type('Rejeter : “pièce manquante”', folder.message);
    expect(await bed.said(typed)).toContain(
      `pour rejeter «${NBSP}Convention B${NBSP}» dans Parapheur, avec «${NBSP}“pièce manquante”${NBSP}»`,
    );
    expect(await bed.said(await bed.type('oui'))).toBe(`«${NBSP}Rejeter${NBSP}»${NBSP}: c’est fait dans Parapheur.`);
    expect(
      bed.tool.calls
        .filter(({ method, path }) => method === 'PUT' && path.endsWith('/reject'))
        .at(-1)
        ?.body.toString(),
    ).toContain('pièce manquante');
  });

  test('« non » and « annuler » drop it; then « oui » says nothing and does nothing', async () => {
    const folder = await bed.folder('Convention C');
    const before = bed.tool.acted();
    for (const word of ['Non.', 'annuler']) {
      await question(await bed.type('viser', folder.message));
      expect(await bed.said(await bed.type(word))).toBe(`«${NBSP}Viser${NBSP}» abandonné. Rien n’a été fait dans Parapheur.`);
      await bed.handled(await bed.type('oui'));
    }
    await pause(1500);
    expect(bed.tool.acted()).toBe(before);
    bed.tool.settle(folder.key);
  });

  test('taken out of the room before its « oui » is dropped: a « oui » that comes then is for nothing', async () => {
    const folder = await bed.folder('Convention H');
    const before = bed.tool.acted();
    const typed = await bed.type('viser', folder.message);
    const asked = await question(typed);
    await bed.redact(typed);
    await expect
      .poll(async () => (await bed.outcomes(typed)).at(-1)?.event.content.body, { timeout: PATIENCE_MS, interval: 50 })
      .toBe(`«${NBSP}Viser${NBSP}» abandonné. Rien n’a été fait dans Parapheur.`);
    expect(await bed.said(await bed.type('oui', asked))).toContain('n’attend plus de réponse');
    expect(bed.tool.acted()).toBe(before);
    bed.tool.settle(folder.key);
  });

  test('after she went on talking, « oui » counts only as the answer to the question', async () => {
    const folder = await bed.folder('Convention D');
    const before = bed.tool.acted();
    const asked = await question(await bed.type('viser', folder.message));
    await bed.type('Marc, tu peux regarder la page 3 ?');
    expect(await bed.said(await bed.type('oui'))).toBe(
      `À quoi\u202f? Votre «${NBSP}oui${NBSP}» est attendu pour viser «${NBSP}Convention D${NBSP}»${NBSP}: répondez au message où c’est demandé. Rien n’a été fait.`,
    );
    expect(bed.tool.acted()).toBe(before);
    for (const other of ['ok', 'Oui, merci'])
      expect(await bed.said(await bed.type(other, asked))).toBe(
        `Ce n’est ni «${NBSP}oui${NBSP}» ni «${NBSP}non${NBSP}». Rien n’a été fait dans Parapheur. Répondez «${NBSP}oui${NBSP}» pour viser, «${NBSP}non${NBSP}» pour y renoncer.`,
      );
    expect(bed.tool.acted()).toBe(before);
    await bed.outcome(await bed.type('oui', asked), 'confirmed');
    expect(bed.tool.acted()).toBe(before + 1);
  });

  test('« oui » in answer to another item runs nothing: it is said what waits for it', async () => {
    const [one, two] = [await bed.folder('Convention I'), await bed.folder('Convention J')];
    const before = bed.tool.acted();
    await question(await bed.type('viser', one.message));
    expect(await bed.said(await bed.type('oui', two.message))).toContain(`est attendu pour viser «${NBSP}Convention I${NBSP}»`);
    expect(await bed.said(await bed.type('non'))).toContain('abandonné');
    expect(await bed.said(await bed.type('oui', one.message))).toBe(
      `Rien n’attend votre «${NBSP}oui${NBSP}» pour cet objet. Rien de plus n’est fait dans Parapheur.`,
    );
    expect(bed.tool.acted()).toBe(before);
    for (const { key } of [one, two]) bed.tool.settle(key);
  });

  test('« oui » after another decision of hers is not its answer', async () => {
    const folder = await bed.folder('Convention K');
    const before = bed.tool.acted();
    await question(await bed.type('viser', folder.message));
    expect(await bed.said(await bed.type('fait', folder.message))).toContain('Mis de côté');
    expect(await bed.said(await bed.type('oui'))).toContain('À quoi');
    expect(bed.tool.acted()).toBe(before);
    bed.tool.settle(folder.key);
  });

  test('« non » and « annuler » in answer to the question, while it is about to leave', async () => {
    await bed.choose(20);
    const folder = await bed.folder('Convention L');
    const before = bed.tool.acted();
    const asked = await question(await bed.type('viser', folder.message));
    const yes = await bed.type('oui', asked);
    await bed.outcome(yes, 'waiting');
    expect(await bed.said(await bed.type('non', asked))).toBe(
      `«${NBSP}Viser${NBSP}» n’attend plus de réponse. Répondez «${NBSP}annuler${NBSP}» pour l’arrêter, si ce n’est pas encore parti.`,
    );
    await bed.handled(await bed.type('annuler', asked));
    expect((await bed.outcome(yes, 'refused')).event.content.body).toBe(`«${NBSP}Viser${NBSP}» annulé. Rien n’a été fait dans Parapheur.`);
    expect(bed.tool.acted()).toBe(before);
    await bed.choose('twice');
    bed.tool.settle(folder.key);
  });

  test('of two, a bare « oui » is asked which; an expired one says so', async () => {
    const [one, two] = [await bed.folder('Convention E'), await bed.folder('Convention F')];
    const before = bed.tool.acted();
    const first = await question(await bed.type('viser', one.message));
    await question(await bed.type('viser', two.message));
    expect(await bed.said(await bed.type('oui'))).toContain(`Plusieurs demandes attendent votre «${NBSP}oui${NBSP}»`);
    await bed.matrix.store
      .updateTable('record.confirmations')
      .set({ expires_at: new Date(0) })
      .where('ended_at', 'is', null)
      .execute();
    expect(await bed.said(await bed.type('oui', first))).toContain('arrive trop tard');
    expect(bed.tool.acted()).toBe(before);
    for (const { key } of [one, two]) bed.tool.settle(key);
  });

  test('without its reason, or too long for it, says what is missing; a sentence that only begins so says nothing', async () => {
    const folder = await bed.folder('Convention G');
    expect(await bed.said(await bed.type('rejeter', folder.message))).toBe(
      `Pour rejeter, répondez «${NBSP}rejeter …${NBSP}» avec «${NBSP}Motif (annotation publique)${NBSP}», de 4 à 255${NBSP}signes. Rien n’a été fait dans Parapheur.`,
    );
    expect(await bed.said(await bed.type(`rejeter ${'x'.repeat(256)}`, folder.message))).toContain(`à 255${NBSP}signes`);
    bed.tool.settle(folder.key);
  });
});

describe('« viser » by itself', () => {
  test('is asked about where one item offers it, and asked which where two do', async () => {
    await bed.matrix.store.updateTable('work.placements').set({ state: 'done' }).where('state', '=', 'todo').execute();
    const folder = await bed.folder('Seule');
    expect(await bed.said(await bed.type('viser'))).toContain(`pour viser «${NBSP}Seule${NBSP}»`);
    await bed.said(await bed.type('non'));
    await bed.folder('Autre');
    expect(await bed.said(await bed.type('rejeter pièce manquante'))).toBe(
      'De quel objet parlez-vous\u202f? Répondez à son message. Rien n’a changé.',
    );
    const which = await bed.said(await bed.type('viser'));
    expect(which).toContain(`«${NBSP}Seule${NBSP}»`);
    expect(which).toContain(`Répondez au message de celui que vous voulez.`);
    const other = await bed.type('reporter quand ça change', folder.message);
    expect(await bed.said(other)).toContain('Reviendra');
    expect(await bed.said(await bed.type('viser'))).toContain(`pour viser «${NBSP}Autre${NBSP}»`); // what is put off is not meant
    bed.tool.settle(folder.key);
  });
});

test('her message that is changed after it was answered asks nothing more, which is said; talk that is changed is talk', async () => {
  const folder = await bed.folder('Corrigée');
  const change = (original: string, body: string): Promise<string> => {
    const relation = { 'm.relates_to': { rel_type: 'm.replace', event_id: original } };
    return bed.send('m.room.message', { msgtype: 'm.text', body: `* ${body}`, 'm.new_content': { msgtype: 'm.text', body }, ...relation });
  };
  const asked = await bed.type('viesr', folder.message);
  expect(await bed.said(asked)).toContain('Je ne comprends pas');
  expect(await bed.said(await change(asked, 'fait'))).toBe(
    `Modifier un message n’y change rien ici${NBSP}: c’est ce que vous aviez écrit d’abord qui compte. Pour demander autre chose, écrivez un nouveau message.`,
  );
  expect((await bed.row(folder.key))?.aside_at).toBeNull();
  const talk = await change(await bed.type('Bonjour'), 'fait');
  await bed.handled(talk);
  await bed.sentAll();
  expect(await bed.outcomes(talk)).toEqual([]);
  bed.tool.settle(folder.key);
});

test('another member’s « oui » is no answer', async () => {
  const folder = await bed.folder('Pas la vôtre');
  const asked = await question(await bed.type('viser', folder.message));
  const marc = await bed.matrix.signIn('marc.roche');
  await bed.hands.matrix.invite(bed.room, marc.mxid);
  await marc.call('POST', `/rooms/${encodeURIComponent(bed.room)}/join`, {});
  const before = bed.tool.acted();
  const relation = { 'm.relates_to': { 'm.in_reply_to': { event_id: asked } } };
  await bed.handled(await bed.send('m.room.message', { msgtype: 'm.text', body: 'oui', ...relation }, marc));
  await bed.handled(await bed.ask(folder, 'viser', { person: marc }));
  await pause(1500);
  expect(bed.tool.acted()).toBe(before);
});
