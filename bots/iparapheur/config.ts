import { z } from 'zod';
import { baseUrl } from '../bot.ts';
import { keycloakFields } from '../keycloak.ts';

export const Config = z.strictObject({
  baseUrl: baseUrl('Adresse du parapheur'),
  version: z.enum(['5.0', '5.1']).default('5.1').describe('Version du parapheur : elle décide des chemins du visa et du cachet'),
  ...keycloakFields({ realm: 'api', clientId: 'ipcore-web' }),
});
export type Config = z.infer<typeof Config>;
