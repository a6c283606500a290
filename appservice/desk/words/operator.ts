/** What whoever starts Écritoire reads when it does not start, and what the desk answers to what it cannot read. */
import { count, list, NBSP, quote } from './typography.ts';

export const OPERATOR = {
  serverName: ({ was, is }: { was: string; is: string }): string =>
    `Cette base appartient au serveur ${quote(was)}, la configuration dit ${quote(is)}${NBSP}: le nom du serveur ne change plus après le premier démarrage. Remettez ${quote(was)}, ou indiquez une base neuve (store.url).`,
  organisations: ({ gone }: { gone: readonly string[] }): string =>
    `Des organisations déjà servies manquent dans la configuration${NBSP}: ${list(gone, 10)}. Leur identifiant est dans les adresses des salons${NBSP}: remettez-les.`,
  newerStore: ({ migration }: { migration: string }): string =>
    `Cette base a déjà servi à une version plus récente d’Écritoire (${migration})${NBSP}: démarrez cette version-là, ou une plus récente.`,
  asToken: 'Le serveur Matrix refuse notre as_token\u00a0: donnez-lui l’enregistrement (npm run desk -- registration), puis redémarrez-le.',
  elsewhere: ({ url }: { url: string }): string =>
    `À l’adresse ${url}, le serveur Matrix atteint un autre programme que celui-ci, ou une autre installation d’Écritoire qui a sa propre base${NBSP}: deux installations ne partagent pas un enregistrement. Arrêtez l’autre, ou donnez à celle-ci son adresse (appservice.url) et son serveur Matrix.`,
  taken: ({ host, port }: { host: string; port: number }): string =>
    `L’adresse ${host}, port ${String(port)}, est déjà prise par un autre programme${NBSP}: arrêtez-le ou changez de port dans la configuration.`,
  lostAccounts: ({ lost }: { lost: number }): string =>
    `${count(lost, 'compte d’agent est en pause', 'comptes d’agents sont en pause')}${NBSP}: la clé qui les a scellés manque. Remettez-la dans appservice.accountKeys, puis redémarrez${NBSP}: rien n’en est perdu.`,
  usage: 'Usage\u00a0: node appservice/main.ts --config FICHIER',
} as const;

export const UNREADABLE = `Demande refusée${NBSP}: elle est illisible. Rien n’a été fait.`;
