/** What the commands of the store say on the machine: `rebuild`, `backup`, `restore`. */
import { count, NBSP, NNBSP, quote } from './typography.ts';

export const REBUILD = {
  emptySays: 'vide d’abord la copie de travail',
  forceSays: 'même si des éléments acceptés ne sont pas encore dans les salons',
  emptied: `La copie de travail est vide${NNBSP}; les salons sont relus.`,
  unsaid: ({ unsent, unhandled }: { unsent: number; unhandled: number }): string =>
    `Rien n’a été vidé${NBSP}: ${count(unsent, 'message')} à envoyer, ${count(unhandled, 'demande')} à traiter. Attendez, ou ajoutez --force pour y renoncer.`,
  busy: `Rien n’a été vidé${NBSP}: des envois sont en cours depuis une minute. Recommencez.`,
  waiting: `Le serveur Matrix ne répond pas, ou un autre processus relit les derniers salons${NBSP}: la commande attend.`,
  progress: ({ read, awaiting }: { read: number; awaiting: number }): string =>
    `${count(read, 'salon relu', 'salons relus')}, ${String(awaiting)} à relire.`,
  done: ({ rooms, ms }: { rooms: number; ms: number }): string =>
    `La copie de travail est entière${NBSP}: ${count(rooms, 'salon')}, en ${seconds(ms)}.`,
} as const;

export const BACKUP = {
  out: `Il manque --out FICHIER${NBSP}: où écrire la sauvegarde.`,
  in: `Il manque --in FICHIER${NBSP}: la sauvegarde à remettre.`,
  inSays: 'la sauvegarde à remettre',
  forceSays: 'remplace les données qui sont là',
  done: ({ file, rows, ms }: { file: string; rows: number; ms: number }): string =>
    `Sauvegarde écrite dans ${file}${NBSP}: ${count(rows, 'ligne')}, en ${seconds(ms)}. Elle contient des données personnelles${NBSP}: gardez-la à l’abri.`,
  restored: ({ rows, ms, madeAt }: { rows: number; ms: number; madeAt: string }): string =>
    `Sauvegarde du ${madeAt} remise${NBSP}: ${count(rows, 'ligne')}, en ${seconds(ms)}. Relisez maintenant les salons${NBSP}: npm run desk -- rebuild --empty.`,
  notOurs: (file: string): string => `${file} n’est pas une sauvegarde d’Écritoire, ou ne s’ouvre pas.`,
  broken: (file: string): string => `${file} est incomplet ou abîmé${NBSP}: rien n’a été changé.`,
  otherServer: ({ was, is }: { was: string; is: string }): string =>
    `Cette sauvegarde est celle du serveur ${quote(was)}, la configuration dit ${quote(is)}${NBSP}: rien n’a été changé.`,
  newer: `Cette sauvegarde vient d’une version plus récente d’Écritoire${NBSP}: mettez-la à jour d’abord. Rien n’a été changé.`,
  notEmpty: `La base contient déjà des personnes ou des demandes${NBSP}: rien n’a été changé. Ajoutez --force pour les remplacer.`,
  otherKey: `Attention${NBSP}: cette sauvegarde a été faite avec une autre clé (recordKey). Ce qui y est scellé ne s’ouvrira qu’avec elle.`,
} as const;

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).replace('.', ',')}${NBSP}s`;
}
