/** Généré par npm run generate, à partir des manifestes de bots/ : ne pas modifier. */
import type { Manifest } from './bot.ts';

export const MANIFESTS: readonly Manifest[] = [];
