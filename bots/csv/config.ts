/** Where the files are and what their columns mean: a source of this kind is declared, not written. */
import { z } from 'zod';
import { baseUrl, secret } from '../bot.ts';
import { RowColumns, RowKind } from '../rows.ts';
import { ENCODINGS, SEPARATORS } from '../table.ts';

const path = (describe: string) =>
  z
    .string()
    .regex(/^\/[^\0]*$/, 'attendu : un chemin absolu')
    .max(500)
    .describe(describe);

const Sftp = z.strictObject({
  host: z
    .string()
    .regex(/^[\w.-]+(:\d{1,5})?$/, 'attendu : serveur, ou serveur:port')
    .max(260)
    .describe('Serveur SFTP, et son port s’il n’est pas 22'),
  path: path('Dossier du dépôt sur ce serveur'),
  user: z.string().min(1).max(100).describe('Identifiant'),
  key: secret('Clé privée (format OpenSSH ou PEM, sans phrase secrète)'),
  hostKey: z
    .string()
    .regex(/^SHA256:[\w+/]{43}=?$/, 'attendu : SHA256:…, comme l’écrit ssh-keygen -lf')
    .max(60)
    .describe('Empreinte de la clé du serveur'),
});

const Webdav = z.strictObject({
  baseUrl: baseUrl('Adresse du dossier du dépôt ; d’un Nextcloud : https://…/remote.php/dav/files/<compte>/<dossier>'),
  user: z.string().min(1).max(200).describe('Identifiant'),
  password: secret('Mot de passe ; d’un Nextcloud, un mot de passe d’application'),
});

export const Config = z
  .strictObject({
    folder: path('Dossier du dépôt sur cette machine, chemin absolu ; il n’est que lu')
      .optional()
      .describe('Dossier du dépôt sur cette machine ; ou « sftp », ou « webdav »'),
    sftp: Sftp.optional().describe('Dossier du dépôt sur un serveur SFTP, au lieu de « folder »'),
    webdav: Webdav.optional().describe('Dossier du dépôt sur un Nextcloud ou un autre serveur WebDAV, au lieu de « folder »'),
    files: z
      .string()
      .regex(/^[^/\\]+$/, 'attendu : un nom de fichier, sans dossier')
      .max(200)
      .default('*.csv')
      .describe('Noms des fichiers à lire ; * remplace une suite de caractères'),
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
    kind: RowKind,
    columns: RowColumns.describe('Ce que disent les colonnes, nommées comme dans l’en-tête'),
  })
  .refine(({ folder, sftp, webdav }) => [folder, sftp, webdav].filter((one) => one !== undefined).length === 1, {
    error: 'attendu : « folder », « sftp » ou « webdav », l’un des trois',
    path: ['folder'],
  });
export type Config = z.infer<typeof Config>;
