/** The bots as a list, in the order of their ids. */
import type { Bot } from './bot.ts';
import * as bots from './index.ts';

export const BOTS: readonly Bot[] = Object.values<Bot>(bots).sort((a, b) => (a.manifest.id < b.manifest.id ? -1 : 1));

/** The schemas of their connections, by id: what the configuration is read with. */
export const BOT_SCHEMAS: ReadonlyMap<string, Bot['config']> = new Map(BOTS.map((bot) => [bot.manifest.id, bot.config]));
