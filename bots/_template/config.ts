import { z } from 'zod';
import { baseUrl, secret } from '../bot.ts';

export const Config = z.strictObject({
  baseUrl: baseUrl('Adresse de l’outil'),
  token: secret('Jeton du compte technique'),
});
export type Config = z.infer<typeof Config>;
