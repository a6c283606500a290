import { z } from 'zod';
import { baseUrl, secret } from '../bot.ts';

const name = (describe: string) => z.string().min(1).max(200).optional().describe(describe);

export const Config = z.strictObject({
  baseUrl: baseUrl('Adresse du serveur du flux'),
  path: z
    .string()
    .regex(/^\//, 'attendu : un chemin qui commence par « / »')
    .max(500)
    .describe('Chemin du flux, par exemple /instances.ics'),
  to: z
    .strictObject({
      mail: name('Adresse de messagerie'),
      uid: name('Identifiant de connexion'),
      matricule: name('Matricule'),
      group: name('Groupe de l’annuaire'),
    })
    .refine((to) => Object.keys(to).length > 0, 'attendu : mail, uid, matricule ou group')
    .describe('À qui le flux s’adresse'),
  user: z.string().max(200).default('').describe('Identifiant, si le flux est protégé'),
  password: secret('Mot de passe, si le flux est protégé').optional().describe('Mot de passe, si le flux est protégé'),
});
export type Config = z.infer<typeof Config>;
