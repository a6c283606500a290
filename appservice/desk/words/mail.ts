/** The mails that the desk sends; plain sentences, put into a letter by `appservice/mail`. */
import { list, NBSP, NNBSP, quote } from './typography.ts';

export const CODE_MAIL = {
  subject: 'Votre code pour Écritoire',
  hello: 'Bonjour,',
  asks: ({ who, organisations, mail }: { who: string; organisations: readonly string[]; mail: string }): string =>
    `${who} (${list(organisations)}) demande que ce qui est adressé à ${mail} arrive aussi sur son bureau Écritoire.`,
  code: `Le code à taper dans ${quote('Mes outils')}${NBSP}:`,
  until: ({ minutes, until }: { minutes: number; until: string }): string =>
    `Il vaut ${String(minutes)}${NBSP}minutes, jusqu’à ${until}, et ne sert qu’une fois.`,
  notYou: `Si ce n’est pas vous, ignorez ce message${NBSP}: sans ce code, rien ne change. Ne le donnez à personne.`,
} as const;

/** Said on the desk of the one before. */
export const MAIL_MOVED = (mail: string): string =>
  `Ce qui est adressé à ${mail} arrive désormais sur le bureau d’une autre personne, qui a prouvé en lire le courrier. Si c’est une erreur, prouvez de nouveau cette adresse dans ${quote('Mes outils')}.`;

/** Said in the platform's room. */
export const MAIL_BROKEN = `Un code demandé dans ${quote('Mes outils')} n’a pas pu partir${NBSP}: le serveur d’envoi refuse le service (mot de passe, chiffrement, certificat ou expéditeur). ${quote('npm run desk -- config check')} dit ce qui ne va pas.`;

const CA = 'une autorité du site se donne par NODE_EXTRA_CA_CERTS';

const FAULTS = {
  unknown: `ce nom est inconnu (mail.host)`,
  refused: `rien n’y répond (mail.port)`,
  silent: `il n’a pas répondu à temps${NNBSP}; un pare-feu peut le cacher, ou le chiffrement ne commence pas comme mail.tls le dit`,
  plain: `il n’offre pas le chiffrement exigé (mail.tls)`,
  early_tls: `il ne chiffre pas dès la connexion, ou pas comme nous le pouvons (mail.tls${NBSP}: ${quote('starttls')} va avec le port 587, ${quote('tls')} avec le port 465)`,
  expired: `son certificat a expiré`,
  early: `son certificat n’est pas encore valable${NNBSP}; les deux horloges sont-elles à l’heure${NNBSP}?`,
  name: `son certificat est pour un autre nom (mail.host)`,
  self: `son certificat est signé par lui-même${NNBSP}; ${CA}`,
  authority: `son certificat vient d’une autorité inconnue${NNBSP}; ${CA}`,
  password: `il refuse l’identifiant ou le mot de passe (mail.user, mail.password)`,
  other: `ce qui y répond n’est pas un serveur d’envoi`,
  closed: `la connexion s’est perdue avant la fin de l’essai`,
} as const;

/** What `config check` says of the site's mail server. */
export const MAIL_SERVER = {
  inOrder: ({ host, port }: { host: string; port: number }): string =>
    `Serveur d’envoi ${host}:${String(port)}${NBSP}: en ordre. Aucun message n’a été envoyé.`,
  fault: ({ host, port, fault }: { host: string; port: number; fault: keyof typeof FAULTS }): string =>
    `mail${NBSP}: serveur d’envoi ${host}:${String(port)}${NBSP}: ${FAULTS[fault]}.`,
  faults: FAULTS,
} as const;
