/**
 * What a person is told of her requests. Done here is not done there: what did not happen at the tool is said.
 */
import type { Refusal } from '../access.ts';
import { writeInstant } from '../due.ts';
import type { DeskAction, Outcome } from '../request.ts';
import { NOTE_MAX } from '../triage.ts';
import { NBSP, quote } from './typography.ts';

/** The outcomes in a word, for a line of history. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  waiting: 'en attente',
  sent: 'envoyé',
  confirmed: 'confirmé',
  refused: 'refusé',
  failed: 'échoué',
  unknown: 'à vérifier',
};

/** A sentence for an outcome that brings none of its own. */
export function outcomeSentence(outcome: Outcome, tool = 'l’outil'): string {
  switch (outcome) {
    case 'waiting':
      return 'Votre demande attend le délai d’annulation.';
    case 'sent':
      return `Votre demande est envoyée, sa confirmation par ${tool} est attendue.`;
    case 'confirmed':
      return 'C’est fait.';
    case 'refused':
      return `Demande refusée. Rien n’a été fait dans ${tool}.`;
    case 'failed':
      return `La demande a échoué. Rien n’a été fait dans ${tool}.`;
    case 'unknown':
      return `Le résultat n’est pas connu. Vérifiez dans ${tool}.`;
  }
}

/** Why a request was refused, each with what it means at the tool. */
export const REFUSALS: Readonly<Record<Refusal, string>> = {
  not_the_agent: `Demande refusée${NBSP}: seule la personne dont c’est le bureau peut agir ici. Rien n’a été fait.`,
  not_an_item: `Demande refusée${NBSP}: ce message n’est pas un objet de ce bureau. Rien n’a été fait.`,
  other_room: `Demande refusée${NBSP}: cet objet est dans un autre bureau. Rien n’a été fait.`,
  no_moment: `Demande refusée${NBSP}: le moment demandé n’existe pas. L’objet n’est pas reporté.`,
  not_offered: `Demande refusée${NBSP}: cette action n’est pas proposée pour cet objet. Rien n’a été fait.`,
};

/** A request that reached us too late to be run; `at` (ms) is when she asked, by her own device's clock when that is earlier. */
export function staleSentence({
  label,
  tool,
  at,
  timeZone,
  now,
}: {
  label: string;
  tool: string;
  at: number;
  timeZone: string;
  now: number;
}): string {
  const when = writeInstant(at, { timeZone, now });
  return `Demande refusée${NBSP}: ${quote(label)} a été demandé ${when}, il y a plus de 15${NBSP}minutes. Rien n’a été fait dans ${tool}${NBSP}; demandez-le de nouveau.`;
}

/**
 * Where it was (the tool's name), how many items it touched, and until when (ms) they are put off; `isCut`: more was noted than is kept;
 * `isOver`: it is closed; `isTask`: it is one of her own.
 */
export type TriageSaid = {
  tool: string;
  timeZone: string;
  now: number;
  until?: number | undefined;
  items?: number;
  isCut?: boolean;
  isOver?: boolean;
  isTask?: boolean;
};

/** The sentence after one of the desk's own actions; undefined for those that need none (seen, task). */
export function triageSentence(
  action: DeskAction,
  { tool, timeZone, now, until, items = 1, isCut = false, isOver = false, isTask = false }: TriageSaid,
): string | undefined {
  if (isOver && (action === 'desk.restore' || action === 'desk.snooze')) return notBack(tool, isTask);
  const untouched = isTask ? 'La tâche n’est pas terminée pour autant.' : `Rien n’a été fait dans ${tool}.`;
  const many = items > 1 ? `${items}${NBSP}objets` : undefined;
  switch (action) {
    case 'desk.aside':
      return `${many ? `${many} mis` : 'Mis'} de côté chez vous. ${untouched}`;
    case 'desk.pin':
      return `Épinglé chez vous. ${untouched}`;
    case 'desk.unpin':
      return `Désépinglé chez vous. ${untouched}`;
    case 'desk.restore':
      return `${many ? `${many} remis` : 'Remis'} dans votre liste. ${untouched}`;
    case 'desk.snooze':
      return `${back(many, until, { timeZone, now })} ${untouched}`;
    case 'desk.note':
      return `Note gardée chez vous${isCut ? `, mais coupée à ${NOTE_MAX}${NBSP}signes` : ''}. ${untouched}`;
    default:
      return undefined;
  }
}

/** Nothing brings back to her list what is over, but the tool. */
function notBack(tool: string, isTask: boolean): string {
  if (isTask) return `Cette tâche est déjà terminée${NBSP}: elle ne reviendra pas.`;
  return `L’objet est déjà clos${NBSP}: il ne reviendra que s’il est rouvert dans ${tool}. Rien n’a été fait dans ${tool}.`;
}

function back(many: string | undefined, until: number | undefined, at: { timeZone: string; now: number }): string {
  const verb = many ? `${many} reviendront` : 'Reviendra';
  return until === undefined ? `${verb} dès qu’il y aura du nouveau.` : `${verb} ${writeInstant(until, at)}.`;
}

/** A triage taken back by redacting its reaction or request. */
export function undoneSentence(tool: string): string {
  return `Annulé${NBSP}: votre liste est comme avant. Rien n’a été fait dans ${tool}.`;
}
