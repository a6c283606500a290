/** Where the files are and what their columns mean: a source of this kind is declared, not written. */
import { z } from 'zod';
import { Declared, namesOf } from '../declared.ts';
import { ENCODINGS, SEPARATORS } from '../table.ts';
import { KINDS } from './manifest.ts';

const column = z.string().min(1).max(200);

const Columns = z.strictObject({
  ...Declared.shape,
  id: z.union([column, z.array(column).min(1).max(5)]).describe('Colonne(s) de l’identifiant, le même d’un dépôt à l’autre'),
  organisation: z
    .strictObject({
      column: column.describe('Colonne de l’organisation'),
      values: z.array(column).max(50).describe('Celles de cette connexion'),
    })
    .optional()
    .describe('Pour un fichier commun à plusieurs organisations : les lignes des autres sont ignorées'),
});

export const Config = z.strictObject({
  folder: z
    .string()
    .regex(/^\/[^\0]*$/, 'attendu : un chemin absolu')
    .max(500)
    .describe('Dossier du dépôt, chemin absolu ; il n’est que lu'),
  files: z.string().min(1).max(200).default('*.csv').describe('Noms des fichiers à lire ; * remplace une suite de caractères'),
  renamed: z
    .boolean()
    .default(false)
    .describe('Le fichier prend son nom une fois entier (renommage) : lu aussitôt, sinon quand deux regards le trouvent le même'),
  whole: z
    .boolean()
    .default(false)
    .describe('Le dernier fichier est la liste entière : ce qui n’y est plus est clos. Sinon chaque fichier ajoute ou modifie'),
  encoding: z.enum(ENCODINGS).default('auto').describe('Encodage'),
  separator: z.enum(SEPARATORS).default('auto').describe('Séparateur'),
  kind: z.enum(KINDS).default('ligne').describe('Sorte d’objet ; « absence » et « document-rh » ne montrent qu’un titre neutre'),
  columns: Columns.describe('Ce que disent les colonnes, nommées comme dans l’en-tête'),
});
export type Config = z.infer<typeof Config>;

export function columnsOf({ columns }: Config): string[] {
  const { id, organisation } = columns;
  return [...new Set([...[id].flat(), ...(organisation === undefined ? [] : [organisation.column]), ...namesOf(columns)])];
}
