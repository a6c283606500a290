/** What a person reads when everything is up: where to go, and who she can be there. */
import { PEOPLE, fullName } from '../people.ts';
import { POST } from '../town/twins.ts';
import { type Setting, ownParts } from './parts.ts';
import { elapsed } from './progress.mjs';

export function sayReady({ config, local }: Setting, { isTown }: { isTown: boolean }): string {
  const own = ownParts({ config, local });
  const people = own.issuer
    ? PEOPLE.map((one) => `    ${fullName(one).padEnd(14)} ${one.duty} (${one.town})`)
    : ['    les personnes de votre fournisseur d’identité'];
  const isPost = isTown && config.mail !== undefined && config.mail.port === local.twins[POST];
  return [
    '',
    `Écritoire est prêt (${elapsed()}) : ${config.publicUrl}`,
    '',
    '  On s’y connecte comme :',
    ...people,
    '',
    `  Autre client Matrix (Element…) : ${config.homeserver.url}`,
    ...(isPost ? [`  Messages envoyés par le bureau (codes) : http://127.0.0.1:${local.ports.town}/control/${POST}`] : []),
    ...(own.homeserver ? ['  Le serveur Matrix fourni, sur SQLite, ne sert qu’à l’essai.'] : []),
    `  Journaux : ${local.folder}/log    Arrêter : Ctrl-C`,
    '',
  ].join('\n');
}
