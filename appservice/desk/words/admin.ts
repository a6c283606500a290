/**
 * What admins read in their room, and the names of rooms. Never a secret, never a payload, never an agent's item.
 */
import type { HealthWord } from '../event/state.ts';
import { count, NBSP, NNBSP, quote } from './typography.ts';

export const HEALTH_WORDS: Readonly<Record<HealthWord, string>> = {
  starting: 'démarrage',
  connected: 'reliée',
  retrying: 'nouvelle tentative',
  bad_credentials: 'identifiants refusés',
  misconfigured: 'mal configurée',
  stopped: 'arrêtée',
};

export const ROOM_NAMES = {
  desk: (organisation: string): string => `Bureau – ${organisation}`,
  organisation: (organisation: string): string => `Informations – ${organisation}`,
  admin: (organisation: string): string => `Administration – ${organisation}`,
  platform: 'Administration de la plateforme',
} as const;

/** Sentences for admins; `label` is the connection's name, `connection` its id. */
export const ADMIN = {
  health: ({ label, connection, word }: { label: string; connection: string; word: HealthWord }): string =>
    `${named(label, connection)}${NBSP}: ${HEALTH_WORDS[word]}.${word === 'connected' || word === 'starting' ? '' : ADVICE[word]}`,
  rejected: ({ label, connection, reasons, id }: { label: string; connection: string; reasons: readonly string[]; id: string }): string =>
    [
      `${named(label, connection)} a envoyé un contenu signé mais inutilisable (${count(reasons.length, 'défaut')})${NBSP}:`,
      ...reasons.slice(0, 5).map((reason) => `– ${reason}`),
      `Il est gardé de côté sous la référence ${id}.`,
    ].join('\n'),
  dead: ({ label, connection, reason }: { label: string; connection: string; reason: string }): string =>
    `${named(label, connection)}${NBSP}: un message a été refusé pour de bon par le serveur Matrix (${reason}). Le bureau concerné continue${NNBSP}; le message est gardé.`,
  waiting: ({ label, connection, people }: { label: string; connection: string; people: number }): string =>
    `${named(label, connection)} s’adresse à ${count(people, 'personne inconnue', 'personnes inconnues')} ici. Ce qui les attend est gardé 30${NBSP}jours et sera remis à leur première connexion.`,
  forged: ({ room }: { room: string }): string => `Un événement du salon ${room} imitait Écritoire${NNBSP}; il n’a pas été cru.`,
  started: ({ version }: { version: string }): string => `Écritoire ${version} a démarré.`,
} as const;

const ADVICE: Readonly<Record<Exclude<HealthWord, 'connected' | 'starting'>, string>> = {
  retrying: ` Rien à faire pour l’instant${NBSP}: l’essai est renouvelé.`,
  bad_credentials: ' Vérifiez les identifiants de la connexion.',
  misconfigured: ' Vérifiez la configuration de la connexion.',
  stopped: ' Plus rien n’arrive de cet outil.',
};

function named(label: string, connection: string): string {
  return `${quote(label)} (${connection})`;
}
