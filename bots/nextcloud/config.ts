import { z } from 'zod';
import { baseUrl, secret } from '../bot.ts';

export const Config = z.strictObject({ baseUrl: baseUrl('Adresse de Nextcloud, dossier compris') });
export type Config = z.infer<typeof Config>;

/** What Login Flow v2 gives, without the address: that is the connection's. */
export const Account = z.strictObject({
  loginName: z.string().min(1).max(200).describe('Identifiant dans Nextcloud'),
  appPassword: secret('Mot de passe d’application'),
});
export type Account = z.infer<typeof Account>;
