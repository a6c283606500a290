/** Which view and what its columns mean: a source of this kind is declared, not written. */
import { z } from 'zod';
import { secret } from '../bot.ts';
import { column, rowColumns, RowColumns, RowKind } from '../rows.ts';

const Columns = RowColumns.extend({
  revision: column.optional().describe('Date de modification, ou nombre qui croît à chaque changement ; exigée sans « whole »'),
});

export const Config = z
  .strictObject({
    server: z
      .string()
      .regex(
        /^(postgresql|mariadb|mysql):\/\/[^/\s@?#]+\/[^/\s?#]+$/,
        'attendu : postgresql://serveur:port/base, ou mariadb://…, mysql://…',
      )
      .max(500)
      .describe('Serveur et base : PostgreSQL, MariaDB ou MySQL'),
    user: z.string().min(1).max(200).describe('Compte qui ne peut que lire cette vue'),
    password: secret('Mot de passe de ce compte'),
    tls: z.boolean().default(true).describe('Chiffré, certificat et nom du serveur vérifiés ; « false » : en clair'),
    ca: z.string().min(1).max(20_000).optional().describe('Autorité du certificat (PEM), si elle est la vôtre'),
    view: z
      .string()
      .regex(/^[^.\0]{1,128}(\.[^.\0]{1,128})?$/, 'attendu : vue, ou schéma.vue')
      .describe('La vue, sans égard aux majuscules'),
    whole: z
      .boolean()
      .default(false)
      .describe('La vue montre tout ce qui est demandé : ce qui n’y est plus est clos. Sinon ce qui a changé est lu'),
    overlap: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .default(900)
      .describe('Sans « whole » : de combien relire en arrière à chaque fois, en secondes, ou en unités si la révision est un nombre'),
    timeZone: z
      .string()
      .max(60)
      .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'attendu : un fuseau, Europe/Paris')
      .optional()
      .describe('Fuseau des dates qui n’en disent pas ; sinon celui de l’organisation'),
    kind: RowKind,
    columns: Columns.describe('Ce que disent les colonnes de la vue, sans égard aux majuscules'),
  })
  .refine(({ whole, columns }) => whole || columns.revision !== undefined, {
    error: 'attendu : une colonne « revision », ou « whole: true »',
    path: ['columns', 'revision'],
  });
export type Config = z.infer<typeof Config>;

export function columnsOf({ columns }: Config): string[] {
  return [...new Set([...rowColumns(columns), ...(columns.revision === undefined ? [] : [columns.revision])])];
}

/** By which changes are read: what grows, then what tells equal ones apart. */
export function orderOf({ columns: { revision = '', id } }: Config): string[] {
  return [revision, ...[id].flat()];
}
