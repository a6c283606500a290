import { describe, expect, it } from 'vitest';
import type { Placement } from '#desk/placement.ts';
import { DESK_ACTIONS } from '#desk/request.ts';
import {
  ADMIN,
  HEALTH_WORDS,
  itemBody,
  OUTCOME_WORDS,
  outcomeSentence,
  REFUSALS,
  REPLIES,
  ROOM_NAMES,
  TOOL_WORDS,
  triageSentence,
  undoneSentence,
} from '#desk/words.ts';
import { plainPlacement } from './arbitrary.ts';

const now = Date.parse('2026-11-26T09:00:00Z');
const said = { tool: 'Astre', timeZone: 'Europe/Paris', now };

function bodyOf(changes: Partial<Placement>): string[] {
  return itemBody(plainPlacement(changes), { tool: 'Congés', timeZone: 'Europe/Paris', now }).split('\n');
}

describe('the body of an item', () => {
  it('says what, what is asked, who asks, why you, until when, and the link on its own line', () => {
    expect(bodyOf({})).toEqual([
      'À traiter dans Congés\u00a0: Demande de congé à valider',
      'Demandé par Paul Vidal · vous êtes valideur · avant vendredi 27 novembre à 17\u00a0h',
      'https://gta.ville-claire.example/demande/318',
    ]);
  });

  it('begins with how the item stands', () => {
    const first = (changes: Partial<Placement>) => bodyOf({ ...changes, title: 'T' })[0]?.replace('\u00a0', ' ');
    expect(first({ state: 'doing' })).toBe('En cours dans Congés : T');
    expect(first({ state: 'waiting' })).toBe('En attente dans Congés : T');
    expect(first({ severity: 'urgent' })).toBe('Urgent, à traiter dans Congés : T');
    expect(first({ severity: 'info' })).toBe('Pour information dans Congés : T');
    expect(first({ state: 'done', severity: 'urgent' })).toBe('Terminé dans Congés : T');
    expect(first({ state: 'cancelled' })).toBe('Annulé dans Congés : T');
    expect(first({ state: 'expired' })).toBe('Expiré dans Congés : T');
    expect(first({ state: 'cancelled', reason: 'réattribué' })).toBe('Retiré dans Congés : T (réattribué)');
  });

  it('asks nothing more once it is closed', () => {
    expect(bodyOf({ state: 'done', summary: 'Du 7 au 11' })).toHaveLength(2);
  });

  it('leaves out what is not known', () => {
    expect(bodyOf({ people: [], reason: undefined, dueAt: undefined, url: undefined })).toHaveLength(1);
    expect(bodyOf({ people: [{ role: 'for', name: 'Marc Roche' }], dueAt: undefined })[1]).toBe('Vous êtes valideur');
  });

  it('names askers by name, group, mail or login, and not all of many', () => {
    const askedBy = (...people: Omit<Placement['people'][number], 'role'>[]) =>
      bodyOf({ people: people.map((one) => ({ role: 'by', ...one })), reason: undefined, dueAt: undefined })[1];
    expect(askedBy({ name: 'Paul' }, { group: 'Voirie' })).toBe('Demandé par Paul et Voirie');
    expect(askedBy({ mail: 'p@x.example' }, { uid: 'nb' }, { name: 'Marc' })).toBe('Demandé par p@x.example, nb et Marc');
    expect(askedBy({ name: 'A' }, { name: 'B' }, { name: 'C' }, { name: 'D' })).toBe('Demandé par A, B et 2\u00a0autres');
  });

  it('says a reason that begins like a sentence as it stands', () => {
    expect(bodyOf({ reason: 'Validation de niveau 2', people: [], dueAt: undefined })[1]).toBe('Validation de niveau 2');
  });

  it('has the summary, and when and where a meeting is', () => {
    const meeting = {
      startsAt: '2026-12-01T14:00:00+01:00',
      endsAt: '2026-12-01T15:30:00+01:00',
      place: 'salle du conseil',
      summary: 'Ordre du jour joint',
    };
    expect(bodyOf(meeting).slice(1, 3)).toEqual([
      'Ordre du jour joint',
      'Mardi 1er décembre de 14\u00a0h à 15\u00a0h\u00a030, salle du conseil',
    ]);
    expect(bodyOf({ ...meeting, endsAt: undefined })[2]).toBe('Mardi 1er décembre à 14\u00a0h, salle du conseil');
    expect(bodyOf({ ...meeting, endsAt: '2026-12-02T12:00:00+01:00', place: undefined })[2]).toBe(
      'Du mardi 1er décembre à 14\u00a0h au mercredi 2 décembre à 12\u00a0h',
    );
  });

  it('writes dates by the organisation’s own clock', () => {
    const body = itemBody(plainPlacement(), { tool: 'Congés', timeZone: 'Pacific/Noumea', now });
    expect(body).toContain('avant samedi 28 novembre à 3\u00a0h');
  });
});

describe('the sentence after a triage', () => {
  it('says what was not done at the tool', () => {
    expect(triageSentence('desk.aside', said)).toBe('Mis de côté chez vous. Rien n’a été fait dans Astre.');
    expect(triageSentence('desk.restore', said)).toBe('Remis dans votre liste. Rien n’a été fait dans Astre.');
    expect(triageSentence('desk.snooze', { ...said, until: Date.parse('2026-11-30T08:00:00Z') })).toBe(
      'Reviendra lundi 30 novembre à 9\u00a0h. Rien n’a été fait dans Astre.',
    );
    expect(triageSentence('desk.snooze', said)).toBe('Reviendra dès qu’il y aura du nouveau. Rien n’a été fait dans Astre.');
    expect(triageSentence('desk.aside', { ...said, items: 7 })).toBe('7\u00a0objets mis de côté chez vous. Rien n’a été fait dans Astre.');
    expect(triageSentence('desk.note', { ...said, isCut: true })).toBe(
      'Note gardée chez vous, mais coupée à 500\u00a0signes. Rien n’a été fait dans Astre.',
    );
    expect(triageSentence('desk.pin', said)).toBe('Épinglé chez vous. Rien n’a été fait dans Astre.');
    expect(undoneSentence('Astre')).toBe('Annulé\u00a0: votre liste est comme avant. Rien n’a été fait dans Astre.');
  });

  it('does not say that what is over comes back to the list', () => {
    for (const action of ['desk.snooze', 'desk.restore'] as const)
      expect(triageSentence(action, { ...said, until: now + 1, isOver: true })).toBe(
        'L’objet est déjà clos\u00a0: il ne reviendra que s’il est rouvert dans Astre. Rien n’a été fait dans Astre.',
      );
  });

  it('of a task of her own speaks of the task, which no tool has', () => {
    const own = { ...said, tool: 'Mes tâches', isTask: true };
    expect(triageSentence('desk.aside', own)).toBe('Mis de côté chez vous. La tâche n’est pas terminée pour autant.');
    expect(triageSentence('desk.restore', { ...own, isOver: true })).toBe('Cette tâche est déjà terminée\u00a0: elle ne reviendra pas.');
  });

  it('is silent for what needs no word', () => {
    expect(DESK_ACTIONS.filter((action) => triageSentence(action, said) === undefined)).toEqual(['desk.seen', 'desk.unseen', 'desk.task']);
  });
});

describe('the sentence after several items', () => {
  it('of which some were done does not say that nothing was done', () => {
    const texts = [
      { text: TOOL_WORDS.closed('Astre'), tool: 'Astre' },
      { text: TOOL_WORDS.refusedByTool('Congés', 'Solde insuffisant'), tool: 'Congés' },
    ];
    expect(TOOL_WORDS.partly({ label: 'Viser', tool: 'Astre', done: 1, of: 2, isLater: false, texts: texts.slice(0, 1) })).toBe(
      '«\u00a0Viser\u00a0»\u00a0: c’est fait dans Astre pour 1\u00a0objet sur 2, pas pour l’autre. Plus rien n’est attendu pour cet objet.',
    );
    expect(TOOL_WORDS.partly({ label: 'Viser', tool: 'les outils', done: 2, of: 4, isLater: true, texts })).toBe(
      '«\u00a0Viser\u00a0»\u00a0: la demande est reçue dans les outils pour 2\u00a0objets sur 4, pas pour les autres. Plus rien n’est attendu pour cet objet. Congés a refusé et répond\u00a0: «\u00a0Solde insuffisant\u00a0».',
    );
  });
});

describe('what is answered to typed words', () => {
  it('quotes no more of them than can be read', () => {
    const long = 'é'.repeat(5000);
    for (const text of [
      ...Object.values(REPLIES.moment).map((say) => say(long)),
      REPLIES.notOffered({ said: long, labels: [], tool: 'Astre' }),
    ])
      expect(Array.from(text).length).toBeLessThan(450);
  });

  it('writes a label within a sentence as one writes it', () => {
    const asked = (label: string) => REPLIES.confirm({ label, title: 'Marché', tool: 'Astre', said: '' });
    expect(asked('Viser…')).toContain('pour viser «');
    expect(asked('PV signé')).toContain('pour PV signé «');
    expect(REPLIES.dropped(['Viser', 'Rejeter'], 'Astre')).toBe(
      '«\u00a0Viser\u00a0» et «\u00a0Rejeter\u00a0» abandonnés. Rien n’a été fait dans Astre.',
    );
  });
});

/** Every sentence of the catalogue that stands without a placement. */
const SENTENCES = [
  ...Object.values(HEALTH_WORDS),
  ...Object.values(OUTCOME_WORDS),
  ...Object.values(REFUSALS),
  ...Object.values(REPLIES.moment).map((say) => say('31/02')),
  REPLIES.nothingAsked('Astre'),
  REPLIES.edited,
  REPLIES.answeredAlready('Viser'),
  REPLIES.notOffered({ said: 'signer', labels: ['Viser'], tool: 'Astre' }),
  ...DESK_ACTIONS.flatMap((action) => triageSentence(action, { ...said, items: 3 }) ?? []),
  ...(['waiting', 'sent', 'confirmed', 'refused', 'failed', 'unknown'] as const).map((outcome) => outcomeSentence(outcome, 'Astre')),
  ...(['starting', 'connected', 'retrying', 'bad_credentials', 'misconfigured', 'stopped'] as const).map((word) =>
    ADMIN.health({ label: 'Congés', connection: 'gta', word }),
  ),
  ADMIN.unusable({ label: 'Congés', connection: 'gta', reasons: ['conges.csv, ligne 3\u00a0: titre vide'], count: 2 }),
  ADMIN.dead({ label: 'Congés', connection: 'gta', reason: 'M_TOO_LARGE' }),
  ADMIN.waiting({ label: 'Congés', connection: 'gta', people: 2 }),
  ADMIN.forged({ room: 'Bureau' }),
  ADMIN.started({ version: '0.1.0' }),
  ROOM_NAMES.desk('Ville-Claire'),
  ROOM_NAMES.organisation('Ville-Claire'),
  ROOM_NAMES.admin('Ville-Claire'),
  ROOM_NAMES.platform,
];

it('is set as French is: no straight apostrophe, unbreakable spaces at double marks', () => {
  for (const sentence of SENTENCES) {
    expect(sentence).not.toMatch(/'|\.\.\.|[^\u00a0\d]:|[^\u202f];|[^\u202f][!?]|«[^\u00a0]|[^\u00a0]»/);
    expect(sentence).not.toMatch(/undefined|NaN/);
  }
});

it('tells admins what happened and what to do, never an agent’s item', () => {
  expect(ADMIN.health({ label: 'Congés', connection: 'gta', word: 'bad_credentials' })).toBe(
    '«\u00a0Congés\u00a0» (gta)\u00a0: identifiants refusés. Vérifiez les identifiants de la connexion.',
  );
  expect(ADMIN.waiting({ label: 'Congés', connection: 'gta', people: 1 })).toContain('1\u00a0personne inconnue ici');
  expect(ADMIN.unusable({ label: 'Congés', connection: 'gta', reasons: ['a'], count: 1 })).toContain('1\u00a0défaut dans');
  expect(ROOM_NAMES.desk('Ville-Claire')).toBe('Bureau – Ville-Claire');
});
