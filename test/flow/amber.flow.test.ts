/** What has to be confirmed, from the desk page's own events: the window in which it can be called back, and all that may come between. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { requestEvent } from '../../appservice/desk/event.ts';
import { PATIENCE_MS, pause, until } from '../support/guarded.ts';
import { AmberBed } from '../support/amber-bed.ts';

let bed: AmberBed;
beforeAll(async () => {
  bed = await AmberBed.start('amber');
});
afterAll(() => bed.stop());
afterEach(() => bed.tool.fail());

/** Waits until the desk shows the item so. */
const isShown = async (key: string, state: string): Promise<void> => {
  expect(await until(async () => ((await bed.row(key))?.state === state ? true : undefined), { everyMs: 100 })).toBe(true);
};

describe('an amber action', () => {
  test('waits out the window that the person chose, says until when, runs once and closes the item', async () => {
    const folder = await bed.folder('Convention');
    const before = bed.tool.acted();
    const began = Date.now();
    const request = await bed.ask(folder, 'viser', { input: { annotation: 'Vu' } });
    const waiting = await bed.outcome(request, 'waiting');
    expect(waiting.event.type).toBe('fr.ecritoire.outcome');
    expect((waiting.until ?? 0) - began).toBeGreaterThan(4500);
    expect(bed.tool.acted()).toBe(before);
    await bed.outcome(request, 'confirmed');
    expect(Date.now()).toBeGreaterThanOrEqual(waiting.until ?? Infinity);
    expect((await bed.outcomes(request)).map(({ outcome }) => outcome)).toEqual(['waiting', 'sent', 'confirmed']);
    expect(bed.tool.acted()).toBe(before + 1);
    await isShown(folder.key, 'done');
    expect((await bed.row(folder.key))?.content.lastAction).toMatchObject({
      by: bed.claire.mxid,
      action: 'viser',
      label: 'Viser',
      through: 'action',
      outcome: 'confirmed',
    });
    // One edit says what the tool shows now and who did it, for whoever waits for the end of that very request.
    await bed.sentAll();
    expect((await bed.edits(folder)).map(({ state, lastAction }) => [state, lastAction?.outcome, lastAction?.request])).toEqual([
      ['done', 'confirmed', request],
    ]);
  });

  test('taken back before it ran does nothing at the tool, from the window or before it was read', async () => {
    const folder = await bed.folder('À reprendre');
    const before = bed.tool.acted();
    const request = await bed.ask(folder, 'viser');
    await bed.outcome(request, 'waiting');
    await bed.redact(request);
    expect(await bed.outcome(request, 'refused')).toMatchObject({ outcome: 'refused' });
    const quick = await bed.ask(folder, 'viser');
    await bed.redact(quick);
    await pause(6500);
    expect(bed.tool.acted()).toBe(before);
    expect((await bed.row(folder.key))?.state).toBe('todo');
    expect((await bed.outcomes(quick)).map(({ outcome }) => outcome)).not.toContain('sent');
    bed.tool.settle(folder.key);
  });

  test('taken back before it could be read is said to be over, whether it comes with its redaction behind it or emptied', async () => {
    const folder = await bed.folder('À peine demandé');
    bed.matrix.door.fault = () => ({ status: 503, body: '' });
    const whole = await bed.ask(folder, 'viser');
    const asked = await bed.event(whole);
    await bed.redact(whole);
    await bed.deliver([asked, { event_id: '$taken-back', type: 'm.room.redaction', content: { redacts: whole } }]);
    expect((await bed.outcome(whole, 'refused')).text).toBeUndefined();
    const emptied = await bed.ask(folder, 'viser');
    await bed.redact(emptied);
    bed.matrix.door.fault = () => undefined;
    await bed.restart(); // the homeserver tells what it kept as soon as it is asked for a ping
    expect((await bed.outcome(emptied, 'refused')).text).toBeUndefined();
    expect([...(await bed.outcomes(whole)), ...(await bed.outcomes(emptied))]).toHaveLength(2);
    bed.tool.settle(folder.key);
  });

  test('taken back too late says so, and what ran stays run', async () => {
    await bed.choose('twice');
    const folder = await bed.folder('Trop tard');
    bed.tool.fail({ kind: 'slow', ms: 1500 });
    const request = await bed.ask(folder, 'viser');
    await bed.outcome(request, 'sent');
    await bed.redact(request);
    expect(await bed.said(request)).toBe('Trop tard pour annuler «\u00a0Viser\u00a0»\u00a0: la demande est déjà partie vers Parapheur.');
    bed.tool.fail();
    await isShown(folder.key, 'done');
    await bed.choose(5);
  });

  test('asked from two screens runs once, in the window and after it', async () => {
    const folder = await bed.folder('Deux écrans');
    const before = bed.tool.acted();
    const [first, second] = [await bed.ask(folder, 'viser'), await bed.ask(folder, 'viser')];
    expect(await bed.said(second)).toBe(
      'Demande refusée\u00a0: une autre est déjà en cours pour cet objet. Rien n’a été fait dans Parapheur.',
    );
    await bed.outcome(first, 'confirmed');
    expect(bed.tool.acted()).toBe(before + 1);
    const third = await bed.ask(folder, 'viser');
    expect(await bed.outcome(third, 'refused')).toBeDefined();
    expect(bed.tool.acted()).toBe(before + 1);
  });

  test('for two items of which one is over says what was done and what was not', async () => {
    const [over, open] = [await bed.folder('Déjà clos'), await bed.folder('Encore ouvert')];
    bed.tool.settle(over.key);
    await expect.poll(async () => (await bed.row(over.key))?.state, { timeout: PATIENCE_MS, interval: 50 }).toBe('done');
    const before = bed.tool.acted();
    const content = requestEvent({ items: [over.message, open.message], action: 'viser', askedAt: Date.now() }).content;
    const request = await bed.send('fr.ecritoire.action', content);
    expect(await bed.said(request)).toBe(
      '«\u00a0Viser\u00a0»\u00a0: c’est fait dans Parapheur pour 1\u00a0objet sur 2, pas pour l’autre. Plus rien n’est attendu pour cet objet.',
    );
    expect(bed.tool.acted()).toBe(before + 1);
  });

  test('on what changed at the tool meanwhile does nothing and says so, before the window or within it', async () => {
    const folder = await bed.folder('Qui change');
    const before = bed.tool.acted();
    const request = await bed.ask(folder, 'viser');
    await bed.outcome(request, 'waiting');
    bed.tool.change(folder.key);
    expect(await bed.said(request)).toBe(
      'Demande refusée\u00a0: l’objet a changé dans Parapheur entre-temps. Relisez-le avant d’agir. Rien n’a été fait dans Parapheur.',
    );
    bed.tool.change(folder.key);
    const again = await bed.ask(folder, 'viser', { revision: 1 });
    expect(await bed.said(again)).toContain('a changé dans Parapheur');
    expect(bed.tool.acted()).toBe(before);
    bed.tool.settle(folder.key);
  });

  test('with a forged time, or without its reason, or longer than its field, is refused with a sentence', async () => {
    const folder = await bed.folder('Mal demandé');
    const before = bed.tool.acted();
    const old = await bed.ask(folder, 'viser', { askedAt: Date.now() - 3_600_000 });
    expect(await bed.said(old)).toContain('15\u00a0minutes');
    const short = await bed.ask(folder, 'rejeter');
    expect(await bed.said(short)).toContain('Motif (annotation publique)');
    const long = await bed.ask(folder, 'rejeter', { input: { annotation: 'x'.repeat(256) } });
    expect(await bed.said(long)).toContain('ne convient pas');
    const other = await bed.ask(folder, 'supprimer');
    expect(await bed.said(other)).toContain('n’est pas proposée');
    const early = await bed.ask(folder, 'viser', { askedAt: Date.now() + 3_600_000 });
    await bed.outcome(early, 'waiting');
    await bed.redact(early);
    expect(bed.tool.acted()).toBe(before);
    bed.tool.settle(folder.key);
    await isShown(folder.key, 'done');
    const late = await bed.ask(folder, 'viser');
    expect(await bed.outcome(late, 'refused')).toBeDefined();
    expect(bed.tool.acted()).toBe(before);
  });

  test('asked a hundred times in a row is done once, and each is answered', async () => {
    const folder = await bed.folder('Cent fois');
    const before = bed.tool.acted();
    const requests: string[] = [];
    for (let sent = 0; sent < 100; sent += 1) requests.push(await bed.ask(folder, 'viser'));
    for (const request of requests) await bed.outcome(request, 'confirmed', 'refused');
    expect(bed.tool.acted()).toBe(before + 1);
    const ends = await Promise.all(requests.slice(0, 5).map((request) => bed.outcome(request, 'confirmed', 'refused')));
    expect(ends.filter(({ outcome }) => outcome === 'confirmed')).toHaveLength(1);
  });

  // Last: the account is not swept any more until it is linked again.
  test('whose answer is a page with 200 is never said to be done', async () => {
    await bed.choose('twice');
    const folder = await bed.folder('Page d’erreur');
    const before = bed.tool.acted();
    bed.tool.fail({ kind: 'login-page' });
    const request = await bed.ask(folder, 'viser');
    expect((await bed.outcome(request, 'refused', 'failed', 'unknown')).text).toBeDefined();
    bed.tool.fail();
    expect(bed.tool.acted()).toBe(before);
  });
});
