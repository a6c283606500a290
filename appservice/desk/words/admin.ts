/**
 * What admins read in their room, and the names of rooms. Never a secret, never a payload, never an agent's item.
 */
import type { HealthWord } from '../event/state.ts';
import { writeHour, writeInstant } from '../due.ts';
import { dayOf } from '../zone.ts';
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
  unusable: ({
    label,
    connection,
    reasons,
    count: all,
  }: {
    label: string;
    connection: string;
    reasons: readonly string[];
    count: number;
  }): string =>
    [
      `${named(label, connection)}${NBSP}: ${count(all, 'défaut')} dans ce qui a été lu. Ce qui est bon est arrivé.`,
      ...reasons.slice(0, 5).map((reason) => `– ${reason}`),
      `Ce qui est inutilisable est gardé de côté${NBSP}: écrivez ${quote('rejets')}.`,
    ].join('\n'),
  dead: ({ label, connection, reason }: { label: string; connection: string; reason: string }): string =>
    `${named(label, connection)}${NBSP}: un message a été refusé pour de bon par le serveur Matrix (${reason}). Le bureau concerné continue${NNBSP}; le message est gardé.`,
  waiting: ({ label, connection, people }: { label: string; connection: string; people: number }): string =>
    `${named(label, connection)} s’adresse à ${count(people, 'personne inconnue', 'personnes inconnues')} ici. Ce qui les attend est gardé 30${NBSP}jours et sera remis à leur première connexion.`,
  forgotten: ({ events }: { events: number }): string =>
    `Le serveur Matrix a été remis dans un état plus ancien${NBSP}: ${count(events, 'message oublié est renvoyé', 'messages oubliés sont renvoyés')} dans les bureaux.`,
  left: ({ agent }: { agent: string }): string =>
    `${agent} a quitté son bureau. Elle y sera invitée de nouveau à sa prochaine connexion${NNBSP}; ce qui arrive entre-temps y est gardé.`,
  deactivated: ({ agent }: { agent: string }): string =>
    `Le compte Matrix de ${agent} a été désactivé. Ce qui lui est adressé est gardé dans son bureau, que personne ne lit plus${NBSP}: réactivez le compte, et elle y sera invitée de nouveau, ou faites adresser ces objets à quelqu’un d’autre.`,
  botRemoved: ({ bot, room }: { bot: string; room: string }): string =>
    `${quote(bot)} a été retiré d’un salon d’Écritoire (${room}). Il y reviendra avec son prochain message.`,
  roomLost: ({ room, items }: { room: string; items: number }): string =>
    `Écritoire a été retiré de son propre salon (${room}). Un nouveau salon le remplace${NNBSP}; ${count(items, 'objet ouvert y est renvoyé', 'objets ouverts y sont renvoyés')}.`,
  roomReplaced: ({ room, items }: { room: string; items: number }): string =>
    `Un salon d’Écritoire a été mis à niveau (${room}). Le suivant prend sa place${NNBSP}; ${count(items, 'objet ouvert y est renvoyé', 'objets ouverts y sont renvoyés')}.`,
  powerless: ({ room }: { room: string }): string =>
    `Écritoire n’a plus les droits qu’il lui faut dans un salon (${room})${NBSP}: les messages continuent, les compteurs n’y sont plus tenus. Rendez-lui le niveau 100.`,
  forged: ({ room }: { room: string }): string => `Un événement du salon ${room} imitait Écritoire${NNBSP}; il n’a pas été cru.`,
  homeserverWasOut: ({ how, ...times }: Times & { how: HomeserverTrouble }): string =>
    `Le serveur Matrix ${HOMESERVER_TROUBLES[how]} ${span(times)}. Il répond de nouveau${NBSP}: ce qui attendait part maintenant, rien n’est perdu.`,
  storeWasOut: ({ how, ...times }: Times & { how: StoreTrouble }): string =>
    `La base de données ${STORE_TROUBLES[how]} ${span(times)}. Elle enregistre de nouveau${NBSP}: ce qui était accepté est intact, ce qui était refusé sera renvoyé par les outils.`,
  limited: `Le serveur Matrix nous demande de ralentir (code 429)${NBSP}: ce qui attend part plus lentement, rien n’est perdu. Redonnez-lui notre enregistrement (npm run desk -- registration), qui nous en dispense, ou vérifiez le serveur mandataire devant lui.`,
  clock: ({ aheadMs }: { aheadMs: number }): string =>
    `L’horloge du service applicatif ${aheadMs > 0 ? 'retarde' : 'avance'} de ${count(Math.round(Math.abs(aheadMs) / 60_000), 'minute')} par rapport à celle du serveur Matrix${NBSP}: tant que cela dure, les dépôts signés des outils et les connexions peuvent être refusés. Mettez les machines à l’heure (NTP).`,
  elsewhere: `Le serveur Matrix s’adresse à un autre programme à notre place, ou à une autre installation d’Écritoire${NBSP}: ce que demandent les agents n’arrive plus ici, ce que disent les outils arrive encore. Vérifiez qui répond à l’adresse du service applicatif (appservice.url) et arrêtez l’autre${NNBSP}; ce qui manque sera alors rattrapé.`,
  stranger: `Une autre installation d’Écritoire, qui a sa propre base, s’est présentée au serveur Matrix avec notre enregistrement. Elle refuse de démarrer tant que nous sommes là${NNBSP}; arrêtez-la, ou donnez-lui son propre serveur Matrix.`,
  started: ({ version }: { version: string }): string => `Écritoire ${version} a démarré.`,
} as const;

type Times = { since: number; until: number; timeZone: string };
type HomeserverTrouble = 'silent' | 'slow' | 'failing' | 'foreign';
type StoreTrouble = 'gone' | 'stuck' | 'crowded' | 'full' | 'read_only' | 'passing';

const HOMESERVER_TROUBLES: Readonly<Record<HomeserverTrouble, string>> = {
  silent: 'n’a pas répondu',
  slow: 'a mis trop longtemps à répondre',
  failing: 'n’a répondu que des erreurs',
  foreign: 'a répondu autre chose que du Matrix',
};

const STORE_TROUBLES: Readonly<Record<StoreTrouble, string>> = {
  gone: 'n’a pas répondu',
  stuck: 'acceptait nos demandes sans y répondre',
  crowded: 'refusait nos connexions, déjà trop nombreuses,',
  full: 'n’avait plus de place sur son disque',
  read_only: 'était en lecture seule',
  passing: 'n’a rien enregistré',
};

/** « du jeudi 26 novembre à 10 h 02 à 10 h 13 (11 minutes) ». */
function span({ since, until, timeZone }: Times): string {
  const seconds = Math.max(1, Math.round((until - since) / 1000));
  const long = seconds < 120 ? count(seconds, 'seconde') : count(Math.round(seconds / 60), 'minute');
  const isSameDay = dayOf(since, timeZone) === dayOf(until, timeZone);
  const end = isSameDay ? writeHour(until, timeZone) : writeInstant(until, { timeZone, now: until });
  return `du ${writeInstant(since, { timeZone, now: until })} ${isSameDay ? 'à' : 'au'} ${end} (${long})`;
}

const ADVICE: Readonly<Record<Exclude<HealthWord, 'connected' | 'starting'>, string>> = {
  retrying: ` Rien à faire pour l’instant${NBSP}: l’essai est renouvelé.`,
  bad_credentials: ' Vérifiez les identifiants de la connexion.',
  misconfigured: ' Vérifiez la configuration de la connexion.',
  stopped: ' Plus rien n’arrive de cet outil.',
};

function named(label: string, connection: string): string {
  return `${quote(label)} (${connection})`;
}
