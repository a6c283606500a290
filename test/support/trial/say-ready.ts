/** What a person reads when everything is up: where to go, and who she can be there. */
import { PEOPLE, fullName } from '../people.ts';
import { type Setting, ownParts } from './parts.ts';
import { elapsed } from './progress.mjs';

export function sayReady({ config, local }: Setting): string {
  const own = ownParts({ config, local });
  const people = own.issuer
    ? PEOPLE.map((one) => `    ${fullName(one).padEnd(14)} ${one.duty} (${one.town})`)
    : ['    les personnes de votre fournisseur d’identité'];
  return [
    '',
    `Écritoire est prêt (${elapsed()}) : ${config.publicUrl}`,
    '',
    '  On s’y connecte comme :',
    ...people,
    '',
    `  Autre client Matrix (Element…) : ${config.homeserver.url}`,
    ...(own.homeserver ? ['  Le serveur Matrix fourni, sur SQLite, ne sert qu’à l’essai.'] : []),
    `  Journaux : ${local.folder}/log    Arrêter : Ctrl-C`,
    '',
  ].join('\n');
}
