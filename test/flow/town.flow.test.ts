/** The town of `npm start`, through the appservice: from its tools to the desks and back, and what each trouble of a tool does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wakePolls } from '../../appservice/store/polls.ts';
import { bodyOf } from '../support/other-client.ts';
import { type Shown, TownBed } from '../support/town-bed.ts';

const CLAIRE = 'claire.morel';
const NADIA = 'nadia.benali';
const SEVERAL = ['Premier essai', 'Deuxième essai', 'Troisième essai'];
const ENDED = ['done', 'cancelled', 'expired'];

let bed: TownBed;
beforeAll(async () => {
  bed = await TownBed.start();
});
afterAll(() => bed.stop());

describe('what is new at a tool', () => {
  it.concurrent.each([
    { tool: 'parapheur', of: CLAIRE, how: 'swept every 10 s', titles: ['Essai'] },
    { tool: 'agenda', of: CLAIRE, how: 'swept every 10 s', titles: ['Essai'] },
    { tool: 'commandes', of: 'paul.vidal', how: 'swept every 10 s', titles: ['Essai'] },
    { tool: 'nuage', of: CLAIRE, how: 'it posts', titles: SEVERAL },
    { tool: 'rivebelle-gta', of: 'bruno.leroy', how: 'its folder is watched', titles: SEVERAL },
    { tool: 'marches', of: NADIA, how: 'its mailbox tells', titles: SEVERAL },
    { tool: 'gta', of: CLAIRE, how: 'it posts', titles: SEVERAL },
  ])('is on the desk, every time: $tool, $how', async ({ tool, of, titles }) => {
    const took: number[] = [];
    for (const title of titles) {
      const began = performance.now();
      // Mails name what they are about otherwise than the town does.
      if (tool === 'marches') await mailSeen(title);
      else await bed.message(await bed.add(tool, of, { title }));
      took.push(Math.round(performance.now() - began));
    }
    console.log(`${tool}: ${took.join(', ')} ms`);
  });
});

async function mailSeen(title: string): Promise<void> {
  const before = await bed.open(NADIA);
  await bed.control('marches/new', { agent: NADIA, title });
  await bed.seen(async () => ((await bed.open(NADIA)).length > before.length ? true : undefined), 'a mail');
}

describe('what happens at a tool without us', () => {
  it.concurrent.each([
    { tool: 'parapheur', how: 'a colleague signs elsewhere' },
    { tool: 'nuage', how: 'a share is withdrawn' },
    { tool: 'agenda', how: 'a meeting is called off' },
    { tool: 'commandes', how: 'an order is seen to there' },
  ])('closes the item: $how', async ({ tool }) => {
    const shown = await bed.add(tool, CLAIRE);
    await bed.message(shown);
    await bed.control(`${tool}/elsewhere`, { key: shown.key });
    await bed.state(shown, ...ENDED);
  });

  it.concurrent('moves a meeting on the desk', async () => {
    const shown = await bed.add('agenda', CLAIRE);
    await bed.message(shown);
    const before = (await bed.row(shown))?.content.startsAt;
    await bed.control('agenda/change', { key: shown.key });
    const moved = async (): Promise<true | undefined> => ((await bed.row(shown))?.content.startsAt === before ? undefined : true);
    expect(await bed.seen(moved, 'another hour')).toBe(true);
  });
});

describe('what an agent asks from her desk', () => {
  it.concurrent('is done at the parapheur once the time to call it back is over, and closed on every desk', async () => {
    const shown = await bed.add('parapheur', `${CLAIRE},${NADIA}`);
    const [hers, other] = [
      { ...shown, of: CLAIRE },
      { ...shown, of: NADIA },
    ];
    await bed.message(other);
    const { acted } = await bed.tool('parapheur');
    const request = await bed.ask(hers, 'viser', { annotation: 'Vu' });
    expect((await bed.outcomes(CLAIRE, request, 'confirmed')).map(({ outcome }) => outcome)).toEqual(['waiting', 'sent', 'confirmed']);
    await bed.state(hers, 'done');
    await bed.state(other, 'done');
    expect((await bed.tool('parapheur')).acted).toBe(acted + 1);
    expect((await bed.row(hers))?.content.lastAction).toMatchObject({ action: 'viser', outcome: 'confirmed' });
  });

  it.concurrent('is done at once when it is green: a share is accepted', async () => {
    const shown = await bed.add('nuage', CLAIRE);
    const request = await bed.ask(shown, 'accepter');
    expect((await bed.outcomes(CLAIRE, request, 'confirmed')).map(({ outcome }) => outcome)).not.toContain('waiting');
    await bed.state(shown, ...ENDED);
  });

  it.concurrent('is told of by a callback to a tool without a bot, whose refusal comes back in its own words', async () => {
    const { open } = await bed.tool('gta');
    const refused = open.find(({ title }) => title.startsWith('Télétravail'));
    const shown: Shown = { tool: 'gta', bot: 'gta', key: refused?.key ?? '', of: CLAIRE };
    const said = await bed.outcomes(CLAIRE, await bed.ask(shown, 'valider'), 'refused');
    expect(said.at(-1)?.body).toContain('Congés a refusé et répond');
    expect(said.at(-1)?.body).toContain('Le quota de télétravail du service est atteint');
    const granted = await bed.add('gta', CLAIRE);
    await bed.outcomes(CLAIRE, await bed.ask(granted, 'valider'), 'confirmed');
    await bed.state(granted, 'done');
  });

  // Not beside the first: both are counted at the parapheur.
  it('is refused there with her reason', async () => {
    const shown = await bed.add('parapheur', CLAIRE);
    const request = await bed.ask(shown, 'rejeter', { annotation: 'Il manque le plan de situation' });
    await bed.outcomes(CLAIRE, request, 'confirmed');
    await bed.state(shown, ...ENDED);
  });
});

describe('a tool in trouble', () => {
  it('whose sessions end early goes on with new ones', async () => {
    await bed.control('parapheur/expire');
    await bed.message(await bed.add('parapheur', CLAIRE));
  });

  it('that refuses one agent rests for her alone, who is told; nothing of hers is closed', async () => {
    const before = await bed.open(CLAIRE);
    await bed.control('nuage/revoke', { agent: CLAIRE });
    const phone = await bed.phone(CLAIRE);
    const room = await phone.deskRoom();
    await phone.event(room, (event) => bodyOf(event).includes('Nuage n’accepte plus votre compte'));
    await bed.message(await bed.add('nuage', NADIA));
    // What she is asked for since is to link it again.
    expect((await bed.open(CLAIRE)).filter((key) => !key.startsWith('tache:'))).toEqual(before);
    await bed.control('nuage/well');
  });

  it('that shows a log-in page is said to the admins, and closes nothing', async () => {
    const before = await bed.open(CLAIRE);
    await bed.control('agenda/login-page');
    await bed.word('agenda', 'bad_credentials');
    const marc = await bed.phone('marc.roche');
    await told(marc, 'Agenda');
    await bed.control('agenda/well');
    // An admin who has seen to it need not wait for the next try, which is a quarter of an hour away.
    await wakePolls(bed.store, 'agenda');
    await bed.word('agenda', 'connected');
    expect(await bed.open(CLAIRE)).toEqual(before);
  });

  it.each(['half', 'gone', 'slow'])('closes nothing, is said to be tried again, and catches up: %s', async (trouble) => {
    const before = await bed.open(CLAIRE);
    await bed.control(`parapheur/${trouble}`, { seconds: '70' });
    const { calls } = await bed.tool('parapheur');
    await bed.control('parapheur/elsewhere', { key: keyOf(before.find((key) => key.startsWith('iparapheur:'))) });
    const asked = async (): Promise<true | undefined> => ((await bed.tool('parapheur')).calls > calls ? true : undefined);
    // What is slow is waited for; the others are said to be tried again.
    await (trouble === 'slow' ? bed.seen(asked, 'asked, without an answer') : bed.word('parapheur', 'retrying'));
    expect(await bed.open(CLAIRE)).toEqual(before);
    await bed.control('parapheur/well');
    await wakePolls(bed.store, 'parapheur');
    await bed.seen(async () => ((await bed.open(CLAIRE)).length === before.length - 1 ? true : undefined), 'one less');
    await bed.word('parapheur', 'connected');
  });
});

it('a town that is killed comes back with the same objects, and nothing is closed for anybody', async () => {
  const everybody = [CLAIRE, NADIA, 'bruno.leroy'];
  const before = await Promise.all(everybody.map((login) => bed.open(login)));
  await bed.trial.kill('town');
  await bed.trial.waitFor(({ ready }) => !ready);
  await bed.trial.waitFor(({ ready }) => ready);
  // As many calls as every account's sweep takes at least.
  const sweeps = { parapheur: 10, nuage: 6, agenda: 2, commandes: 4, 'rivebelle-parapheur': 4, marches: 8 };
  for (const [tool, least] of Object.entries(sweeps)) {
    const asked = async (): Promise<true | undefined> => ((await bed.tool(tool)).calls >= least ? true : undefined);
    await bed.seen(asked, `${tool} asked again`);
  }
  const still = await Promise.all(everybody.map((login) => bed.open(login)));
  expect(still).toEqual(before);
});

const keyOf = (key = ''): string => key.split(':').slice(2).join(':');

/** Somewhere among the rooms she is in or invited to. */
async function told({ client }: Awaited<ReturnType<TownBed['phone']>>, words: string): Promise<void> {
  for (const room of client.getRooms()) if (room.getMyMembership() === 'invite') await client.joinRoom(room.roomId);
  const find = (): Promise<true | undefined> => {
    const events = client.getRooms().flatMap((room) => room.getLiveTimeline().getEvents());
    return Promise.resolve(events.some((event) => bodyOf(event).includes(words) && bodyOf(event).includes(':')) || undefined);
  };
  expect(await bed.seen(find, `« ${words} » in an admin’s room`)).toBe(true);
}
