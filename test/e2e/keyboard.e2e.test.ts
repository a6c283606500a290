/**
 * Ten items of every sort are cleared by the keyboard alone, by someone who sees nothing: what her screen reader says is kept in
 * `docs/lecteur-ecran.md` (written anew with `ECRITOIRE_TRANSCRIPT=1`).
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upsert } from '../support/started.ts';
import { startActingTrial } from '../support/vendor.ts';
import { DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';
import { ScreenReader } from './screen-reader.ts';

const MARC = 'marc.roche';
const DAY_MS = 86_400_000;
const KEPT = fileURLToPath(new URL('../../docs/lecteur-ecran.md', import.meta.url));
const HEAD = `# Dix éléments traités au clavier, avec un lecteur d’écran

Écrit par \`test/e2e/keyboard.e2e.test.ts\` : chaque touche, ce qui a alors le focus selon l’arbre d’accessibilité de Chromium,
et ce que les zones d’annonce disent. La souris n’est pas utilisée.
`;
const VALIDATE = { id: 'valider', label: 'Valider', risk: 'amber' };
const REFUSE = {
  id: 'refuser',
  label: 'Refuser',
  risk: 'amber',
  input: { motif: { type: 'string', title: 'Motif', minLength: 4, maxLength: 60, required: true } },
};
const TAKE = { id: 'prendre', label: 'Prendre en charge', risk: 'green' };
const ITEMS: readonly [string, string, Record<string, unknown>][] = [
  ['gta', 'Congé 1 à valider', { actions: [VALIDATE, REFUSE] }],
  ['gta', 'Congé 2 à refuser', { actions: [VALIDATE, REFUSE] }],
  ['gta', 'Congé 3 à prendre en charge', { actions: [TAKE] }],
  ['actes', 'Délibération 4 à lire plus tard', {}],
  ['actes', 'Délibération 5 qui attend un changement', {}],
  ['actes', 'Accusé 6 pour information', {}],
  ['actes', 'Accusé 7 pour information', {}],
  ['actes', 'Accusé 8 pour information', {}],
  ['astre', 'Facture 9 réglée dans l’outil', { revision: 1 }],
];

let stage: Awaited<ReturnType<typeof startActingTrial>>;
let browser: DeskBrowser;
let visit: Visit;
let reader: ScreenReader;
beforeAll(async () => {
  stage = await startActingTrial();
  browser = await DeskBrowser.launch(stage.trial);
  visit = await browser.sit();
  reader = await ScreenReader.listen(visit.page);
  await browser.signIn(visit.page, MARC);
  for (const [at, [connection, title, item]] of ITEMS.entries()) {
    const dueAt = new Date(Date.now() + (20 + at) * DAY_MS).toISOString(); // so they stand in this order
    const answer = await stage.trial.post(connection, upsert(MARC, { key: title, title, dueAt, ...item }, { reason: 'valideur' }));
    expect(answer.status, await answer.clone().text()).toBe(202);
  }
});
afterAll(async () => {
  await browser.close();
  await stage.stop();
});

const listed = async (): Promise<string[]> => (await titles(visit.page)).toSorted();
const isGone = (title: string) => expect.poll(listed, { timeout: SEEN_MS }).not.toContain(title);

/** Down the list, else up, until the row has the focus. */
async function goTo(title: string): Promise<void> {
  for (const key of ['j', 'k']) {
    for (let rows = 0; rows < 15; rows += 1) {
      await reader.press(key, { quiet: true });
      const focus = await reader.focus();
      if (!focus.includes(title)) continue;
      reader.lines.push(`- **${key}** … → ${focus}`);
      return;
    }
  }
  throw new Error(`« ${title} » is not reached`);
}

/** What has the focus, beside the list. */
async function openIt(title: string): Promise<void> {
  await reader.press('Enter');
  await says(visit.page.locator('section.detail h2').first(), title);
}

describe('by the keyboard alone, with a screen reader', () => {
  it('ten items of every sort are cleared', async () => {
    const { page } = visit;
    await page.goto(stage.trial.run.web);
    await live(page);
    await expect.poll(async () => (await listed()).length, { timeout: SEEN_MS }).toBe(ITEMS.length);
    reader.lines.length = 0;

    reader.step('1. Valider un congé : cinq secondes pour se raviser');
    await goTo('Congé 1');
    await openIt('Congé 1');
    await reader.tabTo('Valider');
    await reader.press('Enter');
    await page.locator('dialog').waitFor();
    await reader.tabTo('Valider');
    await reader.press('Enter');
    await isGone('Congé 1 à valider');

    reader.step('2. En refuser un autre, avec un motif');
    await goTo('Congé 2');
    await openIt('Congé 2');
    await reader.tabTo('Refuser');
    await reader.press('Enter');
    await page.locator('dialog').waitFor();
    if (!(await reader.focus()).startsWith('Motif')) await reader.tabTo('Motif');
    await reader.type('Effectif insuffisant');
    await reader.tabTo('Refuser');
    await reader.press('Enter');
    await isGone('Congé 2 à refuser');

    reader.step('3. Prendre en charge : part aussitôt');
    await goTo('Congé 3');
    await openIt('Congé 3');
    await reader.tabTo('Prendre en charge');
    await reader.press('Enter');
    await isGone('Congé 3 à prendre en charge');

    reader.step('4. Reporter à demain');
    await goTo('Délibération 4');
    await openIt('Délibération 4');
    await reader.press('b');
    await reader.press('Enter');
    await isGone('Délibération 4 à lire plus tard');

    reader.step('5. Reporter jusqu’à ce que l’objet change');
    await goTo('Délibération 5');
    await openIt('Délibération 5');
    await reader.press('b');
    await reader.tabTo('Quand il change');
    await reader.press('Enter');
    await isGone('Délibération 5 qui attend un changement');

    reader.step('6 et 7. En choisir deux et les mettre de côté');
    await goTo('Accusé 6');
    await reader.press('x');
    await goTo('Accusé 7');
    await reader.press('x');
    await reader.press('e');
    await isGone('Accusé 6 pour information');
    await isGone('Accusé 7 pour information');

    reader.step('8. Mettre de côté, se raviser, recommencer');
    await goTo('Accusé 8');
    await reader.press('e');
    await isGone('Accusé 8 pour information');
    await reader.press('z');
    await row(page, 'Accusé 8').waitFor();
    await goTo('Accusé 8');
    await reader.press('e');
    await isGone('Accusé 8 pour information');

    reader.step('9. La facture est réglée dans l’outil : elle quitte la liste d’elle-même');
    await goTo('Facture 9');
    const closed = { op: 'close', item: { key: 'Facture 9 réglée dans l’outil', revision: 2 } };
    expect((await stage.trial.post('astre', closed)).status).toBe(202);
    await isGone('Facture 9 réglée dans l’outil');

    reader.step('10. Une tâche à soi, ajoutée puis terminée');
    await reader.press('n');
    await reader.type('Rappeler la préfecture');
    await reader.press('Enter', { quiet: true }); // the sentence she came from goes as the task comes
    await row(page, 'Rappeler la préfecture').waitFor();
    await goTo('Rappeler la préfecture');
    await openIt('Rappeler la préfecture');
    await reader.tabTo('Terminer');
    await reader.press('Enter');
    await isGone('Rappeler la préfecture');
    await says(page.locator('main'), 'Tout est à jour');

    await expect.poll(() => stage.vendor.asked.map(({ data }) => data.action)).toEqual(['valider', 'refuser', 'prendre']);
    const said = (): string => reader.lines.filter((line) => line.startsWith('  - annonce')).join('\n');
    for (const sentence of ['Valider » dans 5 secondes', 'Refuser', 'mis de côté chez vous', 'Annulé', 'Tâche ajoutée'])
      await expect.poll(said).toContain(sentence);
    expect(reader.lines.join('\n')).not.toContain('sans nom');
    if (process.env['ECRITOIRE_TRANSCRIPT'] !== undefined) await writeFile(KEPT, `${HEAD}${reader.lines.join('\n')}\n`);
  });
});
